export type ProcessStatement =
  | "process"
  | "ancestors"
  | "descendants"
  | "sockets"
  | "timeline"
  | "executable";

/** When a process is first heard of, and when it started; NULL where only its end is stored. */
const startColumns = (uuid: string) => `
      (select min(ntime) from process_events where process_uuid = ${uuid}) as first_ntime,
      (select coalesce(min(start_time), min(ntime)) from process_events
        where process_uuid = ${uuid} and event_action in ('fork', 'exec', 'existing_process')) as started`;

/** What is told of one process; `:key` is its uuid, or the path of its executable. */
export const processStatements: Readonly<Record<ProcessStatement, string>> = {
  process: `
    select e.process_uuid, e.parent_uuid, e.pid, e.parent, e.path,
      coalesce(nullif(e.cmdline, ''), (
        select cmdline from process_ancestry(e.parent_uuid, e.ntime) where depth = 0
      )) as cmdline, e.cwd, e.comm,
      e.uid, e.euid, e.auid, e.username, e.tty, e.session_id, e.container_id, e.time, e.ntime,
      e.exe_hash_sha256 as sha256, e.exe_hash_sha1 as sha1, e.exe_hash_md5 as md5,
      e.event_action, x.exit_time, x.exit_ntime, x.exit_code, x.exit_signal,
      ${startColumns(":key")}
    from process_events e
    left join (
      select process_uuid as ended, time as exit_time, ntime as exit_ntime, exit_code, exit_signal
      from process_events where process_uuid = :key and event_action = 'exit' limit 1
    ) x on x.ended = e.process_uuid
    where e.process_uuid = :key
    order by case e.event_action when 'exec' then 0 when 'existing_process' then 1
      when 'fork' then 2 else 3 end, e.eid desc
    limit 1`,
  // Each ancestor as it ran when it started the one below it, not under what it runs now.
  ancestors: `
    with recursive up(depth, process_uuid, parent_uuid, pid, parent, path, cmdline, username, time) as (
      select 0, process_uuid, parent_uuid, pid, parent, path, cmdline, username, time
      from process_ancestry(:key) where depth = 0
      union all
      select up.depth + 1, a.process_uuid, a.parent_uuid, a.pid, a.parent, a.path, a.cmdline,
        a.username, a.time
      from up join process_ancestry(up.parent_uuid, (
        select min(ntime) from process_events where process_uuid = up.process_uuid
      )) a
      where a.depth = 0
      limit 100
    )
    select up.*, ${startColumns("up.process_uuid")} from up where depth > 0 order by depth`,
  // A process that only forked runs what its parent ran then.
  descendants: `
    select d.depth, d.process_uuid, d.parent_uuid, d.pid, d.parent, d.path, coalesce(
        nullif(d.cmdline, ''), (
        select a.cmdline from process_ancestry(d.parent_uuid, (
          select min(ntime) from process_events where process_uuid = d.process_uuid
        )) a where a.depth = 0
      )) as cmdline, d.username, d.time, ${startColumns("d.process_uuid")}
    from process_descendants(:key) d where d.process_uuid <> :key
    order by d.depth, d.time limit 500`,
  sockets: `
    select eid, time, ntime, action, family, local_address, local_port, remote_address,
      remote_port, socket, status, error
    from socket_events where process_uuid = :key order by ntime limit 500`,
  timeline: `
    select * from (
      select ntime, time, 'process_events' as source, event_action as action,
        coalesce(nullif(cmdline, ''), path) as detail, coalesce(error, '') as error, eid
      from process_events where process_uuid = :key
      union all
      select ntime, time, 'socket_events', action,
        case when remote_address <> '' then remote_address || ' ' || coalesce(remote_port, '')
          when socket <> '' then socket
          else trim(coalesce(local_address, '') || ' ' || coalesce(local_port, '')) end,
        coalesce(error, ''), eid
      from socket_events where process_uuid = :key
    ) order by ntime limit 1000`,
  executable: `
    select f.path, f.size, f.mode, f.uid, f.mtime, h.sha256, h.sha1, h.md5
    from file f left join hash h on h.path = f.path where f.path = :key`,
};
