/** Loads once for each key and shares the result; a load that failed is tried again. */
export function shared<K, T>(load: (key: K) => Promise<T>): (key: K) => Promise<T> {
  const loaded = new Map<K, Promise<T>>();
  return (key) => {
    let found = loaded.get(key);
    if (!found) {
      found = load(key).catch((error: unknown) => {
        loaded.delete(key);
        throw error;
      });
      loaded.set(key, found);
    }
    return found;
  };
}
