// A contender is a process of its own that stays: it scans when it is told to and is idle in between, so that contenders
// can take turns without one's garbage or compiler working in another's time.
export function serveRounds(scan) {
  process.on("message", async (load) => {
    try {
      const cpuBefore = process.cpuUsage();
      const result = await scan(load);
      const { user, system } = process.cpuUsage(cpuBefore);
      process.send({ ok: true, cpuMs: Math.round((user + system) / 1000), ...result });
    } catch (error) {
      process.send({ ok: false, error: error instanceof Error ? error.stack : String(error) });
    }
  });
  process.on("disconnect", () => process.exit(0));
}
