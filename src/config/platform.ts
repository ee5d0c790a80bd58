/** osquery looks for these words anywhere in the text, so "linux,darwin" matches. */
export function platformMatches(platform: string | null): boolean {
  if (platform === null || platform === "" || platform === "null") return true;
  return ["any", "all", "linux", "ubuntu", "centos", "posix"].some((word) =>
    platform.includes(word),
  );
}
