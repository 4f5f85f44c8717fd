// The official JavaScript connector in hedge mode.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';

import { connector } from './connector.mjs';
import { Paper } from './paper.mjs';

let paper;
let api;
beforeEach(async () => {
    paper = await Paper.open();
    api = connector(paper).restAPI;
    await api.changePositionMode({ dualSidePosition: 'true' });
});
afterEach(() => paper.stop());

const data = async (answer) => (await answer).data();
const symbol = 'BTCUSDT';
const market = (side, positionSide, quantity) =>
    data(api.newOrder({ symbol, side, type: 'MARKET', quantity, positionSide }));

describe('hedge mode', () => {
    test('a long and a short stand side by side', async () => {
        assert.equal((await data(api.getCurrentPositionMode())).dualSidePosition, true);
        await market('BUY', 'LONG', 0.02);
        await market('SELL', 'SHORT', 0.01);
        const rows = await data(api.positionInformationV2({ symbol }));
        const amounts = Object.fromEntries(
            rows.map((row) => [row.positionSide, Number(row.positionAmt)]));
        assert.deepEqual(amounts, { BOTH: 0, LONG: 0.02, SHORT: -0.01 });
    });

    test('a stop closes its side alone', async () => {
        await market('BUY', 'LONG', 0.02);
        await market('SELL', 'SHORT', 0.02);
        const stop = await data(api.newAlgoOrder({
            algoType: 'CONDITIONAL', symbol, side: 'SELL', type: 'STOP_MARKET', triggerPrice: 58000,
            closePosition: 'true', positionSide: 'LONG',
        }));
        assert.equal(stop.positionSide, 'LONG');
        await paper.price(symbol, '57900');
        assert.equal(await paper.amount(symbol, 'LONG'), 0);
        assert.equal(await paper.amount(symbol, 'SHORT'), -0.02);
    });

    test('what one-way mode takes is refused', async () => {
        await assert.rejects(market('BUY', undefined, 0.01), { code: -4061 });
        await assert.rejects(market('SELL', 'LONG', 0.01), { code: -2022 });
        await market('BUY', 'LONG', 0.01);
        const oneWay = api.changePositionMode({ dualSidePosition: 'false' });
        await assert.rejects(oneWay, { code: -4068 });
    });
});
