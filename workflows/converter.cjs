/**
 * The payload converter of every client and worker: JSON as usual, but what cannot be decoded becomes a marked value
 * instead of an error, since an error would wedge the run that a malformed signal was sent to. CommonJS: the SDK loads
 * converters with require.
 */
const { defaultPayloadConverter } = require('@temporalio/common');

exports.payloadConverter = {
  toPayload: (value, ...rest) => defaultPayloadConverter.toPayload(value, ...rest),
  fromPayload(payload, ...rest) {
    try {
      return defaultPayloadConverter.fromPayload(payload, ...rest);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return { __undecodable: true, error: message.slice(0, 200) };
    }
  },
};
