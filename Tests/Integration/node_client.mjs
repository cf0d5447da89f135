// A client as Node programs have it: fetch, over the Unix socket by a dispatcher of undici's.
// node node_client.mjs SOCKET PATH [leave|timeout MS], the request's body on standard input; prints one JSON object.
// With `leave` it goes away when the first part of the answer has come.

// The undici that Node brings along is no module that can be imported; its dispatcher is made by the first fetch.
await fetch('data:,').then((answer) => answer.text());
const { constructor: Agent } = globalThis[Symbol.for('undici.globalDispatcher.1')];

const [socketPath, path, how, limit] = process.argv.slice(2);
const dispatcher = new Agent({ connect: { socketPath } });
const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const leaving = new AbortController();
const signal = how === 'timeout' ? AbortSignal.timeout(Number(limit)) : leaving.signal;
const got = { text: '' };
try {
  const answer = await fetch(`http://localhost${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: Buffer.concat(chunks),
    dispatcher,
    signal,
  });
  got.status = answer.status;
  got.headers = Object.fromEntries(answer.headers);
  for await (const part of answer.body.pipeThrough(new TextDecoderStream())) {
    got.text += part;
    if (how === 'leave') leaving.abort();
  }
} catch (error) {
  got.error = error.name;
}
console.log(JSON.stringify(got));
