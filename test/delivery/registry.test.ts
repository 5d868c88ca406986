import { readdirSync } from 'node:fs';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { receiverAt } from '../../src/delivery/registry.js';
import { temporaryFolder, writeScenario } from '../fixtures/scenario.js';
import { faildrill } from '../lab/drill.js';

describe('the sort of a receiver', () => {
  test.each([
    ['https://hooks.slack.com/services/T0/B0/secret', 'slack hooks.slack.com'],
    ['https://a.webhook.office.com/webhookb2/secret', 'teams a.webhook.office.com'],
    [
      'https://prod-1.westeurope.logic.azure.com:443/workflows/secret',
      'teams prod-1.westeurope.logic.azure.com',
    ],
    ['https://chat.example.com/hooks/secret', 'webhook chat.example.com'],
    ['mattermost+https://chat.example.com/hooks/secret', 'mattermost chat.example.com'],
    ['slack+http://localhost:8080/secret', 'slack localhost:8080'],
    ['webhook+https://hooks.slack.com/secret', 'webhook hooks.slack.com'],
    ['https://hooks.slack.com.example.com/secret', 'webhook hooks.slack.com.example.com'],
    ['pushgateway+https://me:secret@push.example.com/prefix', 'pushgateway push.example.com'],
    ['mailto:noc@example.com,b%2Bc@example.com?cc=d@example.com', 'mail noc@example.com, b+c@example.com'],
  ])('%s', (text, shown) => {
    expect(receiverAt(text).shown).toBe(shown);
  });
});

describe('what is no receiver', () => {
  test.each([
    ['noc@example.com', /^expected an address as slack\+https:\/\/…, .*mailto:…$/],
    ['ftp://example.com/secret', /^expected an address as /],
    ['https://', /^expected an address as /],
    ['slak+https://example.com/secret', /^unknown receiver "slak"; did you mean "slack"\?$/],
    ['slack+mailto:a@example.com', /^expected an address as /],
    ['mailto:', /^expected who the mail is for/],
    ['mailto:%zz', /malformed/],
  ])('%s', (text, message) => {
    expect(() => receiverAt(text)).toThrow(message);
    expect(() => receiverAt(text)).not.toThrow(/secret/);
  });

  test.each([
    [['run', '.', '--notify', 'slak+https://example.com/secret'], {}],
    [['analyze', '.', '--notify', 'slak+https://example.com/secret'], {}],
    [['run', '.'], { FAILDRILL_NOTIFY: 'slak+https://example.com/secret' }],
    [['analyze', '.'], { FAILDRILL_NOTIFY: 'slak+https://example.com/secret' }],
  ])('%j %j: said before anything is done', async (argv, env) => {
    const folder = temporaryFolder();
    writeScenario(folder);
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
    onTestFinished(() => void vi.unstubAllEnvs());
    const { exitCode, stderr } = await faildrill(folder, ...argv);
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(
      /^error (--notify|FAILDRILL_NOTIFY):1:1: unknown receiver "slak"; did you mean "slack"\?$/,
    );
    expect(readdirSync(folder).sort()).toEqual(['pair-cut.drill.yml', 'pair.clab.yml']);
  });
});
