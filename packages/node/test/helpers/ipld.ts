/** What tests outside this package need to write the messages of other peers, with nothing of ours. */
export { decode, encode } from '@ipld/dag-cbor'
export { CID } from 'multiformats/cid'
