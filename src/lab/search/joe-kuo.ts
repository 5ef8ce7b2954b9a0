/**
 * Primitive polynomials and initial direction numbers of Joe & Kuo (2008, "Constructing Sobol sequences with better two-dimensional
 * projections", SIAM J. Sci. Comput. 30(5), doi:10.1137/070709359), from their table new-joe-kuo-6, dimensions 2 to 32. A polynomial of
 * degree s = m.length is x^s + a_1 x^(s-1) + ... + a_(s-1) x + 1, and `a` holds its inner coefficients as bits, a_1 the highest.
 */
export const joeKuo: readonly { readonly a: number; readonly m: readonly number[] }[] = [
  { a: 0, m: [1] },
  { a: 1, m: [1, 3] },
  { a: 1, m: [1, 3, 1] },
  { a: 2, m: [1, 1, 1] },
  { a: 1, m: [1, 1, 3, 3] },
  { a: 4, m: [1, 3, 5, 13] },
  { a: 2, m: [1, 1, 5, 5, 17] },
  { a: 4, m: [1, 1, 5, 5, 5] },
  { a: 7, m: [1, 1, 7, 11, 19] },
  { a: 11, m: [1, 1, 5, 1, 1] },
  { a: 13, m: [1, 1, 1, 3, 11] },
  { a: 14, m: [1, 3, 5, 5, 31] },
  { a: 1, m: [1, 3, 3, 9, 7, 49] },
  { a: 13, m: [1, 1, 1, 15, 21, 21] },
  { a: 16, m: [1, 3, 1, 13, 27, 49] },
  { a: 19, m: [1, 1, 1, 15, 7, 5] },
  { a: 22, m: [1, 3, 1, 15, 13, 25] },
  { a: 25, m: [1, 1, 5, 5, 19, 61] },
  { a: 1, m: [1, 3, 7, 11, 23, 15, 103] },
  { a: 4, m: [1, 3, 7, 13, 13, 15, 69] },
  { a: 7, m: [1, 1, 3, 13, 7, 35, 63] },
  { a: 8, m: [1, 3, 5, 9, 1, 25, 53] },
  { a: 14, m: [1, 3, 1, 13, 9, 35, 107] },
  { a: 19, m: [1, 3, 1, 5, 27, 61, 31] },
  { a: 21, m: [1, 1, 5, 11, 19, 41, 61] },
  { a: 28, m: [1, 3, 5, 3, 3, 13, 69] },
  { a: 31, m: [1, 1, 7, 13, 1, 19, 1] },
  { a: 32, m: [1, 3, 7, 5, 13, 19, 59] },
  { a: 37, m: [1, 1, 3, 9, 25, 29, 41] },
  { a: 41, m: [1, 3, 5, 13, 23, 1, 55] },
  { a: 42, m: [1, 3, 7, 3, 13, 59, 17] },
];
