// An example host application that drives pluginry as a subprocess: node javascript_host.mjs PLUGIN COMMAND...
//
// It installs and enables PLUGIN, agrees to whatever permissions its own policy (the variable ALLOWED) allows, and prints
// what it knows in the end as JSON. It uses nothing but what node brings.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

const [plugin, program, ...options] = process.argv.slice(2);
const allowed = new Set((process.env.ALLOWED ?? "").split(",").filter(Boolean));
const heard = {};

/** Runs a command to its end and returns its last event. */
const drive = async (...words) => {
  const child = spawn(program, [...options, ...words, "--json-lines"], { stdio: ["pipe", "pipe", "inherit"] });
  const closed = once(child, "close");
  let last = {};
  for await (const line of createInterface({ input: child.stdout })) {
    last = JSON.parse(line);
    (heard[last.event] ??= []).push(last);
    if (last.event === "question") {
      const answer = last.about.permissions.every((ask) => allowed.has(ask.permission));
      child.stdin.write(JSON.stringify({ answer }) + "\n");
    }
  }
  const [status] = await closed;
  return { ...last, exit_status: status };
};

let done = await drive("install", plugin);
if (done.event === "result") done = await drive("enable", plugin);
const listed = await drive("list");
process.stdout.write(JSON.stringify({ last: done, installed: listed.data, heard }));
