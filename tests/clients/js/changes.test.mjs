// The official JavaScript connector: changed orders, batches, and the rarer kinds of orders.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';

import { connector } from './connector.mjs';
import { Paper, waitUntil } from './paper.mjs';

let paper;
let api;
beforeEach(async () => {
    paper = await Paper.open();
    api = connector(paper).restAPI;
});
afterEach(() => paper.stop());

const data = async (answer) => (await answer).data();
const symbol = 'BTCUSDT';
const LIMIT = { symbol, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: 0.01 };

describe('changes', () => {
    test('a limit order is changed in place', async () => {
        const { orderId } = await data(api.newOrder({ ...LIMIT, price: 59000 }));
        const change = { symbol, side: 'BUY', quantity: 0.02, price: 58000, orderId };
        const changed = await data(api.modifyOrder(change));
        assert.equal(changed.orderId, orderId);
        assert.equal(Number(changed.price), 58000);
        assert.equal(Number(changed.origQty), 0.02);
        await assert.rejects(api.modifyOrder(change), { code: -5027 });
    });

    test('a batch has an answer for each', async () => {
        const order = (price, id) => ({
            symbol, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: 0.01, price,
            newClientOrderId: id,
        });
        const placed = await data(api.placeMultipleOrders({
            batchOrders: [order(59000, 'jb-1'), order(58900, 'jb-2'), order(70000, 'jb-3')],
        }));
        assert.deepEqual(placed.map((row) => row.status ?? row.code), ['NEW', 'NEW', -4016]);
        const gone = await data(api.cancelMultipleOrders({
            symbol, origClientOrderIdList: ['jb-1', 'jb-2'],
        }));
        assert.deepEqual(gone.map((row) => row.status), ['CANCELED', 'CANCELED']);
    });

    test('a countdown cancels what rests', async () => {
        await api.newOrder({ ...LIMIT, price: 59000 });
        const told = await data(api.autoCancelAllOpenOrders({ symbol, countdownTime: 200 }));
        assert.deepEqual(told, { symbol, countdownTime: '200' });
        await waitUntil('the countdown', async () =>
            (await data(api.currentAllOpenOrders({ symbol }))).length === 0);
    });

    test('a trailing stop follows the best price', async () => {
        await api.newOrder({ symbol, side: 'BUY', type: 'MARKET', quantity: 0.01 });
        const stop = await data(api.newAlgoOrder({
            algoType: 'CONDITIONAL', symbol, side: 'SELL', type: 'TRAILING_STOP_MARKET',
            quantity: 0.01, callbackRate: 1, reduceOnly: 'true',
        }));
        assert.equal(Number(stop.callbackRate), 1);
        await paper.price(symbol, '61000');
        await paper.price(symbol, '60500');
        assert.equal(await paper.amount(symbol), 0.01);
        await paper.price(symbol, '60380');
        assert.equal(await paper.amount(symbol), 0);
    });
});
