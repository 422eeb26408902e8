// Loaded by Playwright's driver before its own code. When the driver is about to start exactly the browser that
// already runs for it (browser_preload.py), it gets that one; any other command starts a process as always.
'use strict';
const childProcess = require('node:child_process');
const { EventEmitter } = require('node:events');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { Readable } = require('node:stream');

const FILE = path.join(process.env.TMPDIR ?? '', 'preloaded_browser.json');
const { spawn } = childProcess;

/** The running browser that this command would start; it is given away once. */
function taken(command, args) {
  try {
    const running = JSON.parse(fs.readFileSync(FILE, 'utf8'));
    if (running.command[0] !== command) return null;
    if (JSON.stringify(running.command.slice(1)) !== JSON.stringify(args)) return null;
    fs.unlinkSync(FILE);
    return running;
  } catch {
    return null;
  }
}

/** What `spawn` returns, as far as Playwright uses it (its processLauncher.ts). */
function childOf({ pid, commands, answers }) {
  const child = new EventEmitter();
  const input = new net.Socket({ fd: commands, readable: false, writable: true });
  const output = new net.Socket({ fd: answers, readable: true, writable: false });
  const [stdout, stderr] = [Readable.from([]), Readable.from([])];
  Object.assign(child, { pid, killed: false, stdout, stderr, stdio: [null, stdout, stderr, input, output] });
  // The browser is the service's child and not this process's, so the end of its pipe tells of its end.
  output.once('close', () => {
    child.emit('exit', null, null);
    child.emit('close', null, null);
  });
  return child;
}

childProcess.spawn = function (command, args, ...rest) {
  const running = taken(command, args);
  return running ? childOf(running) : spawn.call(this, command, args, ...rest);
};
