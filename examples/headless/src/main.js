import { readConfig } from "./config.js";
import { makeServer } from "./server.js";

const config = readConfig();
const server = makeServer({ config });
server.listen(config.port, config.host, () => {
  console.log(`The front end is at ${config.own}, the portal at ${config.portal}.`);
});
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => {
    server.close(() => process.exit(0));
    server.closeAllConnections();
  });
}
