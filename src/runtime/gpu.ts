/** What a page may know of WebGPU; TypeScript's own library lacks it. */
interface WithGpu {
  readonly gpu?: { requestAdapter(): Promise<object | null> };
}

/** Does the browser give this page a graphics card to compute on? */
export async function hasGpu(): Promise<boolean> {
  const adapter = await (navigator as WithGpu).gpu?.requestAdapter();
  return adapter !== null && adapter !== undefined;
}
