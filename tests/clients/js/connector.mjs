// Points the unmodified connector at one paper exchange, and listens to its streams.

import { DerivativesTradingUsdsFutures } from '@binance/derivatives-trading-usds-futures';

// The connector's own default of one second is short for a busy machine.
const TIMEOUT_MS = 5_000;
const ANSWER_MS_MAX = 10_000;

// REST, WebSocket API and streams of one venue; `changed` replaces key members.
export function connector(paper, changed = {}) {
    const keys = { apiKey: paper.apiKey, apiSecret: paper.secret, ...changed };
    return new DerivativesTradingUsdsFutures({
        configurationRestAPI: { ...keys, basePath: paper.rest, timeout: TIMEOUT_MS },
        configurationWebsocketAPI: {
            ...keys, wsURL: `${paper.ws}/ws-fapi/v1`, timeout: TIMEOUT_MS, reconnectDelay: 100,
        },
        configurationWebsocketStreams: { wsURL: paper.ws, reconnectDelay: 100 },
    });
}

// What a stream told, in order.
export class Heard {
    #seen = [];
    #wake = () => {};

    constructor(stream) {
        stream.on('message', (message) => {
            this.#seen.push(message);
            this.#wake();
        });
    }

    // The first message that is wanted, already here or still to come.
    async first(what, wanted) {
        const deadline = Date.now() + ANSWER_MS_MAX;
        for (let known = 0; ; ) {
            for (; known < this.#seen.length; known += 1) {
                if (wanted(this.#seen[known])) return this.#seen[known];
            }
            const left = deadline - Date.now();
            if (left <= 0) throw new Error(`${what} never came; heard ${this.#text()}`);
            let timer;
            await new Promise((resolve) => {
                this.#wake = resolve;
                timer = setTimeout(resolve, left);
            });
            clearTimeout(timer);
        }
    }

    // Whether a wanted message is here already.
    has(wanted) {
        return this.#seen.some(wanted);
    }

    #text() {
        return JSON.stringify(this.#seen, (_, value) =>
            typeof value === 'bigint' ? value.toString() : value);
    }
}
