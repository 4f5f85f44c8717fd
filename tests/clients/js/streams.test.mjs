// The official JavaScript connector's sockets: market and user streams, and the WebSocket API.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';

import { connector, Heard } from './connector.mjs';
import { Paper, waitUntil } from './paper.mjs';

let paper;
let api;
let open = [];
beforeEach(async () => {
    paper = await Paper.open();
    api = connector(paper);
});
afterEach(async () => {
    // All at once: the connector takes a second to close each.
    await Promise.all(open.splice(0).map((connection) => connection.disconnect()));
    await paper.stop();
});

async function streams() {
    const connection = await api.websocketStreams.connect();
    open.push(connection);
    // A connection is there when its address is; its sockets open one after another.
    await waitUntil('three sockets', () => connection.isConnected());
    return connection;
}

async function orders(changed) {
    const connection = await connector(paper, changed).websocketAPI.connect();
    open.push(connection);
    return connection;
}

// A user stream that is heard already: the connector shows no answer to its subscription, so a
// setting is changed until that is told.
async function user(connection) {
    const { listenKey } = await (await api.restAPI.startUserDataStream()).data();
    const heard = new Heard(connection.userData(listenKey));
    let leverage = 20;
    await waitUntil('the user stream', async () => {
        leverage += 1;
        await api.restAPI.changeInitialLeverage({ symbol: 'ETHUSDT', leverage });
        return heard.has((m) => m.e === 'ACCOUNT_CONFIG_UPDATE' && m.ac.s === 'ETHUSDT');
    });
    return heard;
}

const place = (order) => api.restAPI.newOrder({ symbol: 'BTCUSDT', ...order });
const orderEvent = (id, state) => (m) =>
    m.e === 'ORDER_TRADE_UPDATE' && m.o.c === id && m.o.X === state;
const algoEvent = (id, state) => (m) => m.e === 'ALGO_UPDATE' && m.o.caid === id && m.o.X === state;

describe('market streams', () => {
    test('they follow the price', async () => {
        const connection = await streams();
        const symbol = 'BTCUSDT';
        const mark = new Heard(connection.markPriceStream({ symbol, updateSpeed: '1s' }));
        const top = new Heard(connection.individualSymbolBookTickerStreams({ symbol }));
        const trade = new Heard(connection.aggregateTradeStreams({ symbol }));
        const bar = new Heard(connection.klineCandlestickStreams({ symbol, interval: '1m' }));
        const depth = new Heard(connection.diffBookDepthStreams({ symbol, updateSpeed: '100ms' }));
        // The market goes to and fro until the slowest is heard: a trade is told once, and perhaps
        // before the connector has asked for it.
        let price = 60990;
        await waitUntil('every stream', async () => {
            price = price === 61000 ? 60990 : 61000;
            await paper.price('BTCUSDT', `${price}`);
            return [mark, top, trade, bar, depth].every((heard) => heard.has(() => true));
        });
        await paper.price('BTCUSDT', '60990');
        await paper.price('BTCUSDT', '61000');

        const told = await mark.first('the new mark', (m) => Number(m.p) === 61000);
        assert.equal(typeof told.T, 'number');
        assert.equal(told.s, 'BTCUSDT');
        const sides = await top.first('the new top', (m) => Number(m.b) === 61000);
        assert.equal(Number(sides.a), 61000.1);
        const last = await trade.first('a trade', (m) => Number(m.p) === 61000);
        assert.equal(typeof last.m, 'boolean');
        const minute = await bar.first('the bar', (m) => Number(m.k.c) === 61000);
        assert.equal(minute.k.t % 60_000, 0);
        const change = await depth.first('the book', (m) => m.b.length > 0);
        assert.ok(change.U <= change.u);
        await paper.price('BTCUSDT', '61010');
        const next = await depth.first('the next change', (m) => m.u > change.u);
        assert.equal(next.pu, change.u);
    });
});

describe('the user stream', () => {
    test('tells an order\'s life, the account and a fill', async () => {
        const heard = await user(await streams());
        await place({
            side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: 0.01, price: 59000,
            newClientOrderId: 'jw-1',
        });
        const placed = await heard.first('NEW', orderEvent('jw-1', 'NEW'));
        assert.equal(typeof placed.o.i, 'bigint');
        assert.equal(placed.o.er, '0');
        await api.restAPI.cancelOrder({ symbol: 'BTCUSDT', origClientOrderId: 'jw-1' });
        await heard.first('CANCELED', orderEvent('jw-1', 'CANCELED'));

        await place({ side: 'SELL', type: 'MARKET', quantity: 0.01, newClientOrderId: 'jw-2' });
        const fill = await heard.first('FILLED', orderEvent('jw-2', 'FILLED'));
        assert.equal(Number(fill.o.L), 60000);
        assert.equal(Number(fill.o.n), 0.24);
        const lite = await heard.first('the light trade', (m) => m.e === 'TRADE_LITE');
        assert.equal(lite.i, fill.o.i);
        const account = await heard.first('the account', (m) => m.e === 'ACCOUNT_UPDATE');
        assert.equal(Number(account.a.P[0].pa), -0.01);
        assert.equal(Number(account.a.B[0].wb), 999_999.76);
    });

    test('tells a conditional order\'s life', async () => {
        const heard = await user(await streams());
        await place({ side: 'BUY', type: 'MARKET', quantity: 0.02, newClientOrderId: 'jw-in' });
        await heard.first('the entry', orderEvent('jw-in', 'FILLED'));
        await api.restAPI.newAlgoOrder({
            algoType: 'CONDITIONAL', symbol: 'BTCUSDT', side: 'SELL', type: 'STOP_MARKET',
            triggerPrice: 58000, closePosition: 'true', clientAlgoId: 'jw-stop',
        });
        const placed = await heard.first('NEW', algoEvent('jw-stop', 'NEW'));
        assert.equal(placed.o.cp, true);
        assert.equal(placed.o.ai, '');
        await paper.price('BTCUSDT', '57900');
        for (const state of ['TRIGGERING', 'TRIGGERED']) {
            await heard.first(state, algoEvent('jw-stop', state));
        }
        const done = await heard.first('FINISHED', algoEvent('jw-stop', 'FINISHED'));
        assert.equal(Number(done.o.aq), 0.02);
        const child = await heard.first('the child\'s fill', (m) =>
            m.e === 'ORDER_TRADE_UPDATE' && m.o.X === 'FILLED' && `${m.o.i}` === done.o.ai);
        assert.equal(child.o.o, 'MARKET');
    });

    test('a dead key is told, a new one brings the events back', async () => {
        const connection = await streams();
        const heard = await user(connection);
        await place({ side: 'BUY', type: 'MARKET', quantity: 0.01, newClientOrderId: 'jw-a' });
        await heard.first('a fill', orderEvent('jw-a', 'FILLED'));
        await paper.admin('faults', { timed: [{ at_ms: 0, action: 'kill_listen_key' }] });
        await heard.first('the key\'s end', (m) => m.e === 'listenKeyExpired');
        const again = await user(connection);
        await place({ side: 'BUY', type: 'MARKET', quantity: 0.01, newClientOrderId: 'jw-b' });
        await again.first('a fill', orderEvent('jw-b', 'FILLED'));
    });

    test('a hung-up socket is opened again by the connector, with its streams', async () => {
        const heard = await user(await streams());
        await place({ side: 'BUY', type: 'MARKET', quantity: 0.01, newClientOrderId: 'jw-c' });
        await heard.first('a fill', orderEvent('jw-c', 'FILLED'));
        await paper.admin('faults', { timed: [{ at_ms: 0, action: { hang_up: 'user' } }] });
        // What happens while it is away is lost, so it trades until one is heard.
        let count = 0;
        await waitUntil('a fill after the loss', async () => {
            count += 1;
            const newClientOrderId = `jw-again-${count}`;
            await place({ side: 'BUY', type: 'MARKET', quantity: 0.001, newClientOrderId });
            return heard.has((m) => m.e === 'ORDER_TRADE_UPDATE' && m.o.c.startsWith('jw-again'));
        });
    });
});

describe('the WebSocket API', () => {
    for (const kind of ['hmac', 'ed25519']) {
        test(`orders with an ${kind} key`, async () => {
            const ed25519 = { apiSecret: undefined, privateKey: paper.ed25519Pem };
            const keys = kind === 'hmac' ? {} : ed25519;
            const trade = await orders(keys);
            const symbol = 'BTCUSDT';
            const answer = await trade.newOrder({
                symbol, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: 0.01,
                price: 59000, newClientOrderId: 'jq-1',
            });
            assert.equal(answer.data.status, 'NEW');
            assert.equal(typeof answer.data.orderId, 'bigint');
            const counted = answer.rateLimits.filter((row) => row.rateLimitType === 'ORDERS');
            assert.ok(counted.some((row) => row.count === 1));
            // The connector cannot write a big integer into a message, so by the other id.
            const held = await trade.queryOrder({ symbol, origClientOrderId: 'jq-1' });
            assert.equal(held.data.orderId, answer.data.orderId);
            const canceled = await trade.cancelOrder({ symbol, origClientOrderId: 'jq-1' });
            assert.equal(canceled.data.status, 'CANCELED');

            await trade.newOrder({ symbol, side: 'BUY', type: 'MARKET', quantity: 0.02 });
            const positions = await trade.positionInformationV2({ symbol });
            assert.equal(Number(positions.data[0].positionAmt), 0.02);
            const balances = await trade.futuresAccountBalanceV2();
            assert.ok(Number(balances.data[0].balance) < 1_000_000);
            const stop = await trade.newAlgoOrder({
                algoType: 'CONDITIONAL', symbol, side: 'SELL', type: 'STOP_MARKET',
                triggerPrice: 58000, closePosition: 'true',
            });
            assert.equal(stop.data.algoStatus, 'NEW');
            const done = await trade.cancelAlgoOrder({ algoId: stop.data.algoId });
            assert.equal(done.data.code, '200');
        });
    }

    test('refuses with the venue\'s codes', async () => {
        const trade = await orders();
        const symbol = 'BTCUSDT';
        const market = { symbol, side: 'SELL', type: 'MARKET', quantity: 0.01 };
        for (const [code, attempt] of [
            [-2013, () => trade.queryOrder({ symbol, orderId: 1 })],
            [-2011, () => trade.cancelOrder({ symbol, orderId: 1 })],
            [-2022, () => trade.newOrder({ ...market, reduceOnly: 'true' })],
            [-4120, () => trade.newOrder({ ...market, type: 'STOP_MARKET' })],
        ]) {
            await assert.rejects(attempt(), (error) => Number(error.code) === code);
        }
        const wrong = await orders({ apiSecret: 'not the secret' });
        await assert.rejects(wrong.newOrder(market), (error) => Number(error.code) === -1022);
    });
});
