/** Names of settings, flags and options of loggers whose values are secrets. */
export const secretName =
  /secret|passw|credential|authoriz|cookie|token|api_?key|private|enroll|header/i;
/** Names of files are no secrets: what is in them is. */
export const pathName = /_?path$|Path$/;
/** What is shown instead of a secret. */
export const redacted = "(redacted)";
