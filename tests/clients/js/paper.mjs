// One paper exchange on loopback: its process, its keys, its hand and an independent eye on it.
// Nothing here is part of the connector: what a test expects of the venue it reads through `ask`.

import { spawn } from 'node:child_process';
import { createHmac, generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const START_MS_MAX = 20_000;
const ANSWER_MS_MAX = 10_000;
const POLL_MS = 10;

// The condition's first true value; a failure names what never came.
export async function waitUntil(what, condition, msMax = ANSWER_MS_MAX) {
    const deadline = Date.now() + msMax;
    for (;;) {
        const value = await condition();
        if (value) return value;
        if (Date.now() > deadline) throw new Error(`${what}: not within ${msMax} ms`);
        await pause(POLL_MS);
    }
}

// A venue of its own: fresh account, prices that move only by hand.
export class Paper {
    static async open(settings = {}) {
        const paper = new Paper();
        await paper.#start({ data: 'manual', strategy: false, seed: 1, ...settings });
        await paper.price('BTCUSDT', '60000');
        await paper.price('ETHUSDT', '3000');
        return paper;
    }

    // Ends this process alone, by its id.
    async stop() {
        const ended = new Promise((resolve) => this.process.once('exit', resolve));
        this.process.kill('SIGTERM');
        const code = await ended;
        const log = readFileSync(join(this.folder, 'log'), 'utf8');
        rmSync(this.folder, { recursive: true });
        if (code !== 0) throw new Error(`the paper exchange ended with ${code}:\n${log}`);
    }

    // The market jumps to this price: mark, index, last and both sides of the book.
    price(symbol, price) {
        return this.admin('price', { symbol, price });
    }

    // `POST /paper/<what>`.
    admin(what, body) {
        return this.#send('POST', `/paper/${what}`, JSON.stringify(body));
    }

    // One signed request, straight over HTTP.
    ask(method, path, params = {}) {
        const text = new URLSearchParams({ ...params, timestamp: Date.now() }).toString();
        const signature = createHmac('sha256', this.secret).update(text).digest('hex');
        return this.#send(method, `${path}?${text}&signature=${signature}`);
    }

    // The position's signed size.
    async amount(symbol, side = 'BOTH') {
        const rows = await this.ask('GET', '/fapi/v2/positionRisk', { symbol });
        return Number(rows.find((row) => row.positionSide === side).positionAmt);
    }

    async #send(method, path, body) {
        const answer = await fetch(this.rest + path, {
            method,
            body,
            headers: { 'X-MBX-APIKEY': this.apiKey },
            signal: AbortSignal.timeout(ANSWER_MS_MAX),
        });
        const told = await answer.json();
        if (!answer.ok) {
            const text = JSON.stringify(told);
            throw new Error(`${method} ${path}: ${answer.status} ${text}`);
        }
        return told;
    }

    async #start(settings) {
        this.folder = mkdtempSync(join(tmpdir(), 'paper-'));
        const file = (name) => join(this.folder, name);
        this.apiKey = randomBytes(32).toString('hex');
        this.secret = randomBytes(32).toString('hex');
        const pair = generateKeyPairSync('ed25519');
        this.ed25519Pem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' });
        writeFileSync(file('api-key'), this.apiKey);
        writeFileSync(file('secret'), this.secret);
        writeFileSync(file('public.pem'), pair.publicKey.export({ type: 'spki', format: 'pem' }));
        const all = {
            api_key_file: file('api-key'),
            secret_file: file('secret'),
            ed25519_public_key_file: file('public.pem'),
            ports_file: file('ports.json'),
            ...settings,
        };
        // Texts, numbers and booleans are written alike in JSON and TOML.
        const line = ([name, value]) => `${name} = ${JSON.stringify(value)}\n`;
        const lines = Object.entries(all).map(line);
        writeFileSync(file('config.toml'), lines.join(''));
        const log = openSync(file('log'), 'w');
        const command = ['--config', file('config.toml')];
        this.process = spawn(process.env.PAPER_EXCHANGE, command, { stdio: ['ignore', log, log] });
        await waitUntil('the venue opens', () => {
            if (this.process.exitCode !== null) throw new Error(readFileSync(file('log'), 'utf8'));
            return existsSync(file('ports.json'));
        }, START_MS_MAX);
        const addresses = JSON.parse(readFileSync(file('ports.json'), 'utf8'));
        this.rest = addresses.rest;
        this.ws = addresses.ws;
    }
}
