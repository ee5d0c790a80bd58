import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";

/**
 * Runs `count` short processes, one after the other, each with an argument of its own:
 * `<tag>-<n>-end`. Waits for the last.
 */
export async function runProcesses(tag: string, count: number): Promise<void> {
  const script = `i=0; while [ $i -lt ${count} ]; do /bin/true $0-$i-end; i=$((i+1)); done`;
  const shell = spawn("/bin/sh", ["-c", script, tag], { stdio: "ignore" });
  const [status] = await once(shell, "exit");
  if (status !== 0) throw new Error(`the workload ended with ${status}`);
}

/** Connects `count` times, each time to an address of its own in 127.0.0.0/8, from one process. */
export async function runConnects(block: number, count: number): Promise<readonly string[]> {
  const server = createServer((socket) => socket.destroy());
  server.listen(0, "0.0.0.0");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const addresses = Array.from(
    { length: count },
    (_, i) => `127.${block}.${Math.floor(i / 200)}.${(i % 200) + 1}`,
  );
  // A process of its own: the test's own calls stay out of the count.
  const program = `
    const net = require("node:net");
    const [port, ...addresses] = process.argv.slice(1);
    const next = () => {
      const address = addresses.shift();
      if (address === undefined) return;
      const socket = net.connect(Number(port), address);
      socket.on("connect", () => socket.destroy());
      socket.on("error", () => socket.destroy());
      socket.on("close", next);
    };
    next();`;
  const child = spawn(process.execPath, ["-e", program, String(address.port), ...addresses], {
    stdio: "inherit",
  });
  const [status] = await once(child, "exit");
  server.close();
  if (status !== 0) throw new Error(`the connects ended with ${status}`);
  return addresses;
}
