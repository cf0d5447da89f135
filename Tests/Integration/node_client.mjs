// A client as Node programs have it: HTTP over the Unix socket, bodies as web streams.
// node node_client.mjs SOCKET PATH, the request's body on standard input; prints one JSON object.
import http from 'node:http';
import { Readable } from 'node:stream';

const [socketPath, path] = process.argv.slice(2);
const body = await new Response(Readable.toWeb(process.stdin)).text();
const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
const request = http.request({ socketPath, path, method: 'POST', headers });
const answer = await new Promise((resolve, reject) => {
  request.on('response', resolve).on('error', reject).end(body);
});
let text = '';
for await (const part of Readable.toWeb(answer).pipeThrough(new TextDecoderStream())) text += part;
console.log(JSON.stringify({ status: answer.statusCode, headers: answer.headers, text }));
