/** The part of a stream's configuration that is used here. Durations in ns. */
export interface StreamConfig {
  readonly name: string;
  readonly description?: string;
  readonly subjects?: readonly string[];
  readonly retention?: string;
  readonly storage?: string;
  readonly discard?: string;
  readonly num_replicas?: number;
  readonly max_age?: number | undefined;
  readonly max_msgs?: number;
  readonly max_bytes?: number;
  readonly max_msg_size?: number;
  readonly max_msgs_per_subject?: number;
  readonly duplicate_window?: number | undefined;
  readonly allow_direct?: boolean;
  /** Whether the stream stores batches of messages, all or none: since NATS 2.12. */
  readonly allow_atomic?: boolean;
}

/** The configuration and the state of a stream. */
export interface StreamInfo {
  readonly config: StreamConfig;
  /** Absent if the server is not in a cluster. */
  readonly cluster?: {
    /** The name of the cluster. */
    readonly name?: string;
    readonly leader?: string;
    /** The other servers that store the stream. */
    readonly replicas?: readonly { readonly name: string; readonly offline?: boolean }[];
  };
  readonly state: {
    readonly messages: number;
    readonly first_seq: number;
    readonly last_seq: number;
  };
}
