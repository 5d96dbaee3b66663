import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { LogInThrottle, type LogInTry, logInAllowances } from '../../src/access/throttle.ts';
import { Failure } from '../../src/audit/failure.ts';

const { pair, account: ofAccount, address: ofAddress, device: ofDevice } = logInAllowances;

/** A throttle whose time moves only when the test says so, and a way to try a wrong password. */
function throttled() {
  const time = { now: 1_700_000_000_000 };
  const throttle = new LogInThrottle(() => time.now);
  const begin = (over: Partial<LogInTry>) =>
    throttle.begin({ account: 'ada@example.com', address: '203.0.113.1', device: null, ...over });
  /** Seconds to wait; 0: the try was counted. */
  const wrong = (over: Partial<LogInTry> = {}): number => {
    try {
      begin(over);
      return 0;
    } catch (error) {
      assert.ok(error instanceof Failure);
      assert.equal(error.code, 'TOO_MANY_REQUESTS');
      return error.retryAfterSeconds ?? 0;
    }
  };
  return { time, throttle, begin, wrong };
}

/** An address of its own for each number. */
const stranger = (n: number): string => `198.51.${Math.floor(n / 250)}.${n % 250}`;

suite('the throttle of log-ins', () => {
  test('lets one address try one account a few times, then says for how long to wait, which is true', () => {
    const { time, wrong } = throttled();
    for (let n = 0; n < pair.burst; n += 1) assert.equal(wrong(), 0);
    const seconds = wrong();
    assert.equal(seconds, pair.refillMs / 1_000);
    time.now += seconds * 1_000 - 1;
    assert.ok(wrong() > 0);
    time.now += 1;
    assert.equal(wrong(), 0);
    assert.ok(wrong() > 0);
  });

  test('a try that is refused costs nothing', () => {
    const { time, wrong } = throttled();
    for (let n = 0; n < 1_000; n += 1) wrong();
    time.now += pair.refillMs;
    assert.equal(wrong(), 0);
  });

  test('one address cannot go through many accounts', () => {
    const { wrong } = throttled();
    for (let n = 0; n < ofAddress.burst; n += 1) assert.equal(wrong({ account: `${n}@example.com` }), 0);
    assert.ok(wrong({ account: 'next@example.com' }) > 0);
    assert.equal(wrong({ address: '203.0.113.2' }), 0);
  });

  test('many addresses together cannot guess at one account for ever', () => {
    const { wrong } = throttled();
    for (let n = 0; n < ofAccount.burst; n += 1) assert.equal(wrong({ address: stranger(n) }), 0);
    assert.ok(wrong({ address: stranger(999) }) > 0);
    assert.equal(wrong({ account: 'ben@example.com', address: stranger(999) }), 0);
  });

  test('a stranger at one address never closes the account to another address', () => {
    const { time, wrong } = throttled();
    for (let hour = 0; hour < 48; hour += 1) {
      for (let n = 0; n < 100; n += 1) wrong({ address: '198.51.100.66' });
      assert.equal(wrong({ address: stranger(hour) }), 0, `hour ${hour}`);
      time.now += 3_600_000;
    }
  });

  test('strangers at any number of addresses do not close the account to a browser that was logged in with', () => {
    const { time, wrong } = throttled();
    for (let n = 0; n < 500; n += 1) wrong({ address: stranger(n) });
    assert.ok(wrong({ address: stranger(999) }) > 0);
    for (let n = 0; n < ofDevice.burst; n += 1) assert.equal(wrong({ device: 'mark', address: stranger(1) }), 0);
    assert.ok(wrong({ device: 'mark', address: stranger(1) }) > 0);
    time.now += ofDevice.refillMs;
    assert.equal(wrong({ device: 'mark', address: stranger(1) }), 0);
  });

  test('many at the same moment are counted as many', () => {
    const { begin, wrong } = throttled();
    const tried = Array.from({ length: pair.burst }, () => begin({}));
    assert.ok(wrong() > 0);
    for (const each of tried) each.wasNone();
    for (let n = 0; n < pair.burst; n += 1) assert.equal(wrong(), 0);
    assert.ok(wrong() > 0);
  });

  test('the right password costs no try, and forgives the typing mistakes before it', () => {
    const { begin, wrong } = throttled();
    for (let n = 0; n < 1_000; n += 1) begin({}).wasRight();
    for (let n = 0; n < pair.burst - 1; n += 1) assert.equal(wrong(), 0);
    begin({}).wasRight();
    for (let n = 0; n < pair.burst; n += 1) assert.equal(wrong(), 0);
    assert.ok(wrong() > 0);
  });

  test('all addresses of one IPv6 network are one, however they are written', () => {
    const { wrong } = throttled();
    for (const address of ['2001:db8:1:2::1', '2001:db8:1:2:ffff::', '2001:0DB8:1:2:0:0:0:9', '2001:db8:1:2:3:4:5:6'])
      assert.equal(wrong({ address }), 0);
    assert.equal(wrong({ address: '2001:db8:1:2:8::%eth0' }), 0);
    assert.ok(wrong({ address: '2001:db8:1:2::abcd' }) > 0);
    assert.equal(wrong({ address: '2001:db8:1:3::1' }), 0);
    for (let n = 0; n < pair.burst; n += 1) wrong({ address: '::ffff:192.0.2.7' });
    assert.ok(wrong({ address: '192.0.2.7' }) > 0);
    assert.equal(wrong({ address: '192.0.2.8' }), 0);
  });

  test('what it remembers is bounded, and forgotten with time', () => {
    const { time, throttle, wrong } = throttled();
    for (let n = 0; n < 50_000; n += 1)
      wrong({ account: `${n}@example.com`, address: `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}` });
    assert.equal(throttle.size, 60_000);
    time.now += 86_400_000;
    wrong();
    assert.equal(throttle.size, 3);
  });
});
