// The official JavaScript connector over REST: everything in the query string, ids as big integers.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import {
    BadRequestError,
    NotFoundError,
    UnauthorizedError,
} from '@binance/derivatives-trading-usds-futures';

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
const LIMIT = {
    symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: 0.01, price: 59000,
};
const limit = (changed = {}) => data(api.newOrder({ ...LIMIT, ...changed }));
const market = (side, quantity, changed = {}) =>
    data(api.newOrder({
        symbol: 'BTCUSDT', side, type: 'MARKET', quantity, newOrderRespType: 'RESULT', ...changed,
    }));
const STOP = {
    algoType: 'CONDITIONAL', symbol: 'BTCUSDT', side: 'SELL', type: 'STOP_MARKET',
    triggerPrice: 58000,
};
const stop = (changed = {}) => data(api.newAlgoOrder({ ...STOP, ...changed }));

// Every member that is listed has exactly this JSON type.
function assertTypes(row, types) {
    for (const [type, names] of Object.entries(types)) {
        for (const name of names) {
            const found = typeof row[name];
            const fits = type === 'integer' ? ['number', 'bigint'].includes(found) : found === type;
            assert.ok(fits, `${name} is ${found} ${row[name]}, not ${type}`);
        }
    }
}

describe('orders', () => {
    test('a limit order is placed, queried and canceled', async () => {
        const order = await limit({ newClientOrderId: 'js-1' });
        assertTypes(order, {
            integer: ['orderId', 'updateTime', 'goodTillDate'],
            string: ['symbol', 'status', 'clientOrderId', 'price', 'origQty', 'executedQty',
                'cumQty', 'timeInForce', 'type', 'origType', 'side', 'positionSide', 'stopPrice',
                'workingType', 'priceMatch', 'selfTradePreventionMode'],
            boolean: ['reduceOnly', 'closePosition', 'priceProtect'],
        });
        // Above 2^53: the connector keeps it exact.
        assert.equal(typeof order.orderId, 'bigint');
        assert.equal(order.status, 'NEW');
        assert.equal(order.clientOrderId, 'js-1');
        assert.equal(Number(order.price), 59000);
        assert.equal('avgPrice' in order, false);

        const { orderId } = order;
        const found = await data(api.queryOrder({ symbol: 'BTCUSDT', orderId }));
        assert.equal(found.orderId, orderId);
        assert.equal(Number(found.avgPrice), 0);
        const open = await data(api.currentAllOpenOrders({ symbol: 'BTCUSDT' }));
        assert.deepEqual(open.map((row) => row.orderId), [orderId]);
        const ref = { symbol: 'BTCUSDT', origClientOrderId: 'js-1' };
        const canceled = await data(api.cancelOrder(ref));
        assert.equal(canceled.status, 'CANCELED');
        assert.deepEqual(await data(api.currentAllOpenOrders()), []);
        const [row] = await data(api.allOrders({ symbol: 'BTCUSDT' }));
        assert.equal(row.status, 'CANCELED');
    });

    test('a market order makes a position, a trade and a balance', async () => {
        const order = await market('SELL', 0.02);
        assert.equal(order.status, 'FILLED');
        await paper.price('BTCUSDT', '59000');
        const [position] = await data(api.positionInformationV3({ symbol: 'BTCUSDT' }));
        assert.equal(Number(position.positionAmt), -0.02);
        assert.equal(Number(position.entryPrice), 60000);
        assert.equal(Number(position.unRealizedProfit), 20);
        assertTypes(position, {
            integer: ['adl', 'updateTime'], string: ['markPrice', 'notional'],
        });

        const [trade] = await data(api.accountTradeList({ symbol: 'BTCUSDT' }));
        assert.equal(trade.orderId, order.orderId);
        assert.equal(trade.maker, false);
        const rates = await data(api.userCommissionRate({ symbol: 'BTCUSDT' }));
        const fee = Number(trade.commission);
        assert.ok(Math.abs(fee - 1200 * Number(rates.takerCommissionRate)) < 1e-9);

        const [usdt] = await data(api.futuresAccountBalanceV3());
        assert.equal(Number(usdt.balance), 1_000_000 - fee);
        const account = await data(api.accountInformationV3());
        assert.equal(Number(account.totalMarginBalance), 1_000_000 - fee + 20);

        await market('BUY', 0.02, { reduceOnly: 'true' });
        assert.deepEqual(await data(api.positionInformationV3({ symbol: 'BTCUSDT' })), []);
        assert.equal(await paper.amount('BTCUSDT'), 0);
    });

    test('limits are told with every answer', async () => {
        const answer = await api.newOrder(LIMIT);
        const told = answer.rateLimits.map((row) => [row.rateLimitType, row.interval, row.count]);
        assert.ok(told.some(([kind, every, count]) =>
            kind === 'ORDERS' && every === 'SECOND' && count === 1));
        assert.ok(told.some(([kind]) => kind === 'REQUEST_WEIGHT'));
    });

    test('an ed25519 key signs too', async () => {
        const keys = { apiSecret: undefined, privateKey: paper.ed25519Pem };
        const answer = await connector(paper, keys).restAPI.newOrder(LIMIT);
        assert.equal((await answer.data()).status, 'NEW');
    });
});

describe('conditional orders', () => {
    test('a stop rests in the algo service and fires', async () => {
        await market('BUY', 0.02);
        const order = await stop({ quantity: 0.02, reduceOnly: 'true', clientAlgoId: 'js-stop' });
        assertTypes(order, {
            integer: ['algoId', 'createTime', 'updateTime', 'triggerTime', 'goodTillDate'],
            string: ['clientAlgoId', 'algoType', 'orderType', 'symbol', 'side', 'positionSide',
                'timeInForce', 'quantity', 'algoStatus', 'triggerPrice', 'price', 'icebergQuantity',
                'workingType', 'priceMatch', 'activatePrice', 'callbackRate'],
            boolean: ['closePosition', 'priceProtect', 'reduceOnly'],
        });
        assert.equal(order.algoStatus, 'NEW');
        const { algoId } = order;
        assert.deepEqual(await data(api.currentAllOpenOrders()), []);
        const [resting] = await data(api.currentAllAlgoOpenOrders());
        assert.equal(resting.algoId, algoId);

        await paper.price('BTCUSDT', '57990');
        const fired = await data(api.queryAlgoOrder({ clientAlgoId: 'js-stop' }));
        assert.equal(fired.algoStatus, 'FINISHED');
        assert.equal(typeof fired.actualOrderId, 'string');
        const child = await data(api.queryOrder({
            symbol: 'BTCUSDT', orderId: BigInt(fired.actualOrderId),
        }));
        assert.equal(child.type, 'MARKET');
        assert.equal(Number(child.executedQty), 0.02);
        assert.equal(await paper.amount('BTCUSDT'), 0);
    });

    test('close-position legs close all and go with the position', async () => {
        await market('BUY', 0.02);
        const leg = await stop({ closePosition: 'true' });
        const target = await stop({
            type: 'TAKE_PROFIT_MARKET', triggerPrice: 62000, closePosition: 'true',
        });
        assert.equal(leg.quantity, '0');
        assert.equal(leg.timeInForce, 'GTE_GTC');
        assert.equal(leg.closePosition, true);
        await paper.price('BTCUSDT', '62000');
        assert.equal(await paper.amount('BTCUSDT'), 0);
        const state = async ({ algoId }) => (await data(api.queryAlgoOrder({ algoId }))).algoStatus;
        assert.equal(await state(target), 'FINISHED');
        await waitUntil('the stop expires', async () => (await state(leg)) === 'EXPIRED');
    });

    test('they are canceled one by one or all at once', async () => {
        await market('BUY', 0.02);
        const { algoId } = await stop({ quantity: 0.01 });
        const done = await data(api.cancelAlgoOrder({ algoId }));
        // A text here, on the real venue too.
        assert.equal(done.code, '200');
        await stop({ quantity: 0.01 });
        assert.equal((await data(api.cancelAllAlgoOpenOrders({ symbol: 'BTCUSDT' }))).code, 200);
        const all = await data(api.queryAllAlgoOrders({ symbol: 'BTCUSDT' }));
        assert.deepEqual(all.map((row) => row.algoStatus), ['CANCELED', 'CANCELED']);
    });
});

describe('market data and settings', () => {
    test('market data follows the price', async () => {
        await paper.price('BTCUSDT', '61000');
        const info = await data(api.exchangeInformation());
        const btc = info.symbols.find((row) => row.symbol === 'BTCUSDT');
        assert.equal(btc.filters.find((row) => row.filterType === 'LOT_SIZE').stepSize, '0.001');
        assert.equal(Number((await data(api.markPrice({ symbol: 'BTCUSDT' }))).markPrice), 61000);
        const book = await data(api.orderBook({ symbol: 'BTCUSDT', limit: 5 }));
        assert.equal(Number(book.bids[0][0]), 61000);
        assert.equal(Number(book.asks[0][0]), 61000.1);
        const sides = await data(api.symbolOrderBookTicker({ symbol: 'BTCUSDT' }));
        assert.equal(Number(sides.bidPrice), 61000);
        const bars = await data(api.klineCandlestickData({ symbol: 'BTCUSDT', interval: '1m' }));
        assert.equal(Number(bars.at(-1)[4]), 61000);
    });

    test('settings are kept', async () => {
        const leverage = await data(api.changeInitialLeverage({ symbol: 'BTCUSDT', leverage: 21 }));
        assert.equal(leverage.leverage, 21);
        assertTypes(leverage, { string: ['maxNotionalValue', 'symbol'] });
        const isolated = { symbol: 'BTCUSDT', marginType: 'ISOLATED' };
        const margin = await data(api.changeMarginType(isolated));
        assert.equal(margin.code, 200);
        const [config] = await data(api.symbolConfiguration({ symbol: 'BTCUSDT' }));
        assert.equal(config.leverage, 21);
        assert.equal(config.marginType, 'ISOLATED');
        const mode = await data(api.getCurrentPositionMode());
        assert.equal(mode.dualSidePosition, false);
    });

    test('a listen key lives and dies', async () => {
        const { listenKey } = await data(api.startUserDataStream());
        assert.equal(listenKey.length, 64);
        await api.keepaliveUserDataStream();
        await api.closeUserDataStream();
        await assert.rejects(api.keepaliveUserDataStream(), { code: -1125 });
    });
});

describe('refusals', () => {
    const refusals = [
        ['an unknown order', -2013, () => api.queryOrder({ symbol: 'BTCUSDT', orderId: 1 })],
        ['canceling an unknown order', -2011, () =>
            api.cancelOrder({ symbol: 'BTCUSDT', orderId: 1 })],
        ['an unknown conditional order', -2013, () => api.queryAlgoOrder({ algoId: 1 })],
        ['canceling an unknown one', -2011, () => api.cancelAlgoOrder({ algoId: 1 })],
        ['reduce-only when flat', -2022, () => market('SELL', 0.01, { reduceOnly: 'true' })],
        ['too small a notional', -4164, () => limit({ quantity: 0.001, price: 49000 })],
        ['too many decimals', -1111, () => limit({ quantity: 0.0101 })],
        ['an unknown symbol', -1121, () => limit({ symbol: 'NOUSDT' })],
        ['the other mode\'s side', -4061, () => limit({ positionSide: 'LONG' })],
        ['no change of margin type', -4046, () =>
            api.changeMarginType({ symbol: 'BTCUSDT', marginType: 'CROSSED' })],
        ['no change of mode', -4059, () => api.changePositionMode({ dualSidePosition: 'false' })],
        ['a conditional type on the ordinary path', -4120, () =>
            api.newOrder({ ...LIMIT, type: 'STOP_MARKET' })],
        ['a trigger that is true already', -2021, () =>
            stop({ triggerPrice: 61000, quantity: 0.01 })],
        ['close-position when flat', -4509, () => stop({ closePosition: 'true' })],
    ];
    for (const [what, code, attempt] of refusals) {
        test(`${what} is ${code}`, async () => {
            await assert.rejects(attempt(), (error) => {
                assert.ok(error instanceof BadRequestError, `${error}`);
                assert.equal(error.code, code, error.message);
                return true;
            });
        });
    }

    test('keys are checked', async () => {
        const wrong = (keys) => connector(paper, keys).restAPI.accountInformationV3();
        await assert.rejects(wrong({ apiSecret: 'not the secret' }), (error) =>
            error instanceof BadRequestError && error.code === -1022);
        await assert.rejects(wrong({ apiKey: 'not the key' }), (error) =>
            error instanceof UnauthorizedError && error.code === -2015);
    });

    test('an unknown path is not found', async () => {
        await assert.rejects(api.acceptTheOfferedQuote({ quoteId: '1' }), (error) =>
            error instanceof NotFoundError && error.code === -5000);
    });
});
