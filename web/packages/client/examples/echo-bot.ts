/**
 * A bot that repeats what it hears.
 *
 *     KITH_URL=http://127.0.0.1:8080 KITH_USER=echo KITH_PASSWORD=… node examples/echo-bot.ts
 *
 * It keeps its place in a file, so that after a restart it answers what was written meanwhile, and nothing twice.
 */

import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import process from "node:process";

import { Bot } from "../src/index.ts";
import type { BotPlace } from "../src/index.ts";

const PLACE = process.env["KITH_PLACE"] ?? "echo-bot.place.json";
const KEEP_EVERY_MS = 1000;

const place = existsSync(PLACE) ? { place: JSON.parse(readFileSync(PLACE, "utf8")) as BotPlace } : {};
const bot = new Bot({
  base: process.env["KITH_URL"] ?? "http://127.0.0.1:8080",
  username: process.env["KITH_USER"] ?? "",
  password: process.env["KITH_PASSWORD"] ?? "",
  device: "echo bot",
  ...place,
});

bot.onMessage = (message) => {
  bot.read(message);
  // Its name is made from the message, so that answering it once more is the same answer.
  const answer = { reply_to: message.message_id, client_message_id: `echo-${message.message_id}` };
  bot.send(message.conversation_id, message.text ?? "", answer).catch((error: unknown) => {
    process.stderr.write(`not sent: ${String(error)}\n`);
  });
};
bot.onOver = () => process.exit(1);

function keepPlace(): void {
  // A rename is all or nothing: the file is never half a place.
  writeFileSync(`${PLACE}.new`, JSON.stringify(bot.place));
  renameSync(`${PLACE}.new`, PLACE);
}

setInterval(keepPlace, KEEP_EVERY_MS);
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    keepPlace();
    bot.stop();
    process.exit(0);
  });
}

await bot.start();
process.stdout.write(`listening as ${bot.user_id}\n`);
