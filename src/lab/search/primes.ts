const isPrime = (n: number): boolean => {
  for (let d = 2; d * d <= n; d++) if (n % d === 0) return false;
  return n > 1;
};

export function firstPrimes(count: number): number[] {
  const primes: number[] = [];
  for (let n = 2; primes.length < count; n++) if (isPrime(n)) primes.push(n);
  return primes;
}

/** The last primes below a number, rising. */
export function lastPrimesBelow(bound: number, count: number): number[] {
  const primes: number[] = [];
  for (let n = bound - 1; primes.length < count && n > 1; n--) if (isPrime(n)) primes.unshift(n);
  return primes;
}
