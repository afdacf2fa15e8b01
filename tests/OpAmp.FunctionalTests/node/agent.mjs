// A third party's OpAMP client that talks to OPAMP_ENDPOINT until it has sent AGENT_SENDS messages, and prints one JSON line:
// {"uid","events":[{"sent"},{"failed","retryAfterMs"},{"config","contentType","hash"}]}. Says of each configuration what AGENT_STATUS names.
import { subscribe } from 'node:diagnostics_channel';
import {
  AgentCapabilities,
  DIAG_CH_SEND_FAIL,
  DIAG_CH_SEND_SUCCESS,
  RemoteConfigStatuses,
  createOpAMPClient,
} from '@elastic/opamp-client-node';

const sends = Number(process.env.AGENT_SENDS);
const events = [];
const hex = bytes => Buffer.from(bytes).toString('hex');
const uuid = bytes => hex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

const client = createOpAMPClient({
  endpoint: process.env.OPAMP_ENDPOINT,
  instanceUid: process.env.AGENT_UID,
  headers: process.env.AGENT_TOKEN ? { Authorization: `Bearer ${process.env.AGENT_TOKEN}` } : {},
  capabilities: AgentCapabilities.AgentCapabilities_AcceptsRemoteConfig | AgentCapabilities.AgentCapabilities_ReportsRemoteConfig,
  heartbeatIntervalSeconds: 0.1,
  diagEnabled: true,
  onMessage: ({ remoteConfig }) => {
    for (const file of Object.values(remoteConfig.config.configMap)) {
      events.push({ config: Buffer.from(file.body).toString(), contentType: file.contentType, hash: hex(remoteConfig.configHash) });
    }

    client.setRemoteConfigStatus({
      status: RemoteConfigStatuses[`RemoteConfigStatuses_${process.env.AGENT_STATUS}`],
      lastRemoteConfigHash: remoteConfig.configHash,
      errorMessage: process.env.AGENT_ERROR ?? '',
    });
  },
});

let ended = false;
const note = event => {
  events.push(event);
  if (!ended && events.filter(e => 'sent' in e || 'failed' in e).length >= sends) {
    ended = true;
    console.log(JSON.stringify({ uid: uuid(client.getInstanceUid()), events }));
    // Its own timers keep no process alive, and its shutdown waits for what is under way.
    client.shutdown().then(() => process.exit(0));
  }
};

subscribe(DIAG_CH_SEND_SUCCESS, ({ a2s }) => setImmediate(() => note({ sent: Number(a2s.sequenceNum) })));
subscribe(DIAG_CH_SEND_FAIL, ({ err, retryAfterMs }) => note({ failed: String(err), retryAfterMs }));
client.setAgentDescription({ identifyingAttributes: { 'service.name': 'third-party' }, nonIdentifyingAttributes: { 'host.name': 'elsewhere' } });
client.start();
setTimeout(() => process.exit(2), 60_000);
