/** What went wrong, read out by screen readers; nothing when nothing did. */
export function Notice({ error }: { readonly error: string | null }) {
  return (
    <div role="alert" class={error === null ? "" : "notice"}>
      {error}
    </div>
  );
}
