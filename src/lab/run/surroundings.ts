/** What a machine that is out of something says: another trial would fare no better, and this one better elsewhere or later. */
const shortages = ['ENOSPC', 'EDQUOT', 'EFBIG', 'EIO', 'EROFS', 'EMFILE', 'ENFILE', 'ENOMEM', 'ESTALE'];
/** What an installation that is not whole says, or one that is being replaced. */
const installation = ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND', 'ERR_DLOPEN_FAILED', 'ERR_UNSUPPORTED_DIR_IMPORT'];
const codes = new Set([...shortages, ...installation]);

/** Is this an error of the machine or of the installed program, rather than of the trial? */
export function isOfSurroundings(error: unknown): error is Error {
  for (let at = error; at instanceof Error; at = at.cause) {
    // Parts of the program are loaded when they are first needed.
    if (at instanceof SyntaxError || codes.has(String((at as NodeJS.ErrnoException).code))) return true;
  }
  return false;
}
