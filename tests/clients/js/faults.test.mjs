// What the official JavaScript connector makes of a venue in trouble.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import {
    RateLimitBanError,
    ServerError,
    TooManyRequestsError,
} from '@binance/derivatives-trading-usds-futures';

import { connector } from './connector.mjs';
import { Paper } from './paper.mjs';

let paper;
let api;
beforeEach(async () => {
    paper = await Paper.open();
    api = connector(paper).restAPI;
});
afterEach(() => paper.stop());

const data = async (answer) => (await answer).data();
const symbol = 'BTCUSDT';
const LIMIT = {
    symbol, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: 0.01, price: 59000,
};

describe('a venue in trouble', () => {
    test('a placement of unknown fate is not sent twice', async () => {
        const rule = { method: 'POST', path: '/fapi/v1/order', often: { times: 1 } };
        await paper.admin('faults', { requests: [{ ...rule, action: 'execute_then_unknown' }] });
        await assert.rejects(api.newOrder({ ...LIMIT, newClientOrderId: 'jf-lost' }), ServerError);
        const rows = await data(api.allOrders({ symbol }));
        assert.deepEqual(rows.map((row) => row.clientOrderId), ['jf-lost']);
    });

    for (const [limit, kind] of [['limit', TooManyRequestsError], ['ban', RateLimitBanError]]) {
        test(`a ${limit} is a ${kind.name}`, async () => {
            const action = { [limit]: { ms: 60_000 } };
            await paper.admin('faults', { timed: [{ at_ms: 0, action }] });
            await assert.rejects(api.checkServerTime(), (error) =>
                error instanceof kind && error.code === -1003);
        });
    }
});
