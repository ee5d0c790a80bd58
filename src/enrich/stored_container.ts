/** What is stored of a container, by column of `containers`, besides its key and its times. */
export const containerColumns = [
  "container_id",
  "runtime",
  "name",
  "image",
  "image_id",
  "labels",
  "pod_uid",
  "pod_name",
  "pod_namespace",
  "pod_labels",
] as const;

export type ContainerColumns = Readonly<Record<(typeof containerColumns)[number], string | null>>;

/** A row of `containers` from before the start. */
export interface StoredContainer {
  readonly eid: number;
  readonly columns: ContainerColumns;
}

/** The statement that reads the newest rows, oldest first, as many as are remembered. */
export function storedContainersSql(most: number): string {
  return `select * from (select cast(eid as integer) as eid, ${containerColumns.join(", ")}
    from containers order by cast(eid as integer) desc limit ${most}) order by eid`;
}

/** Reads a row of that statement; null for one that is none. */
export function readStoredContainer(
  row: Readonly<Record<string, unknown>>,
): StoredContainer | null {
  const { eid, container_id: id } = row;
  if (typeof eid !== "number" || typeof id !== "string") return null;
  const text = (column: (typeof containerColumns)[number]) => {
    const value = row[column];
    return typeof value === "string" ? value : null;
  };
  return {
    eid,
    columns: {
      container_id: id,
      runtime: text("runtime"),
      name: text("name"),
      image: text("image"),
      image_id: text("image_id"),
      labels: text("labels"),
      pod_uid: text("pod_uid"),
      pod_name: text("pod_name"),
      pod_namespace: text("pod_namespace"),
      pod_labels: text("pod_labels"),
    },
  };
}
