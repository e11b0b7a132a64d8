/**
 * What a user interface asks of the core, and what the core tells it.
 *
 * The core owns the session, the socket, the cache and the outbox; it runs once for all tabs of a browser. A user
 * interface holds no truth: it shows what it was told. Everything here can be copied between threads.
 */

/** An ISO 8601 time with milliseconds, in UTC. */
export type Time = string;

export type Role = "owner" | "admin" | "member";
export type HistoryPolicy = "all" | "from_join";

/** Whether the server can be reached, and as whom. */
export type Connection = "connecting" | "online" | "offline" | "signed-out";

/** A person as the viewer may see them; what they hide is absent. */
export interface Person {
  user_id: string;
  name: string;
  username?: string;
  profile_pic?: string;
  status?: string;
  online?: boolean;
  last_seen_at?: Time;
}

export interface Me extends Person {
  email: string;
  /** Whether this person runs the server. */
  operator: boolean;
  session_id: string;
}

export interface ReactionCount {
  emoji: string;
  count: number;
  user_ids: string[];
}

/** How far an own message has come. `failed` is a final refusal; silence is never one. */
export type SendState = "queued" | "sending" | "sent" | "failed";

export interface MessageItem {
  kind: "message";
  /** Names the item for as long as it is shown, also when it gets its `seq`. */
  key: string;
  /** Its place; null while the message is in the outbox. */
  seq: number | null;
  message_id: string | null;
  client_message_id: string | null;
  sender_id: string;
  /** Null once it is deleted. */
  text: string | null;
  /** When it got its place; for one in the outbox, when it was written. */
  sent_at: Time;
  edited_at: Time | null;
  deleted: boolean;
  reply_to: string | null;
  reactions: ReactionCount[];
  state: SendState;
  /** The stable code of the refusal of a failed one. */
  problem: string | null;
}

export interface MemberItem {
  kind: "member";
  key: string;
  seq: number;
  sender_id: string;
  user_id: string;
  change: "added" | "removed" | "left" | "role";
  role: Role | null;
  sent_at: Time;
}

export interface SettingsItem {
  kind: "settings";
  key: string;
  seq: number;
  sender_id: string;
  name: string | null;
  picture: string | null;
  history_for_new_members: HistoryPolicy | null;
  sent_at: Time;
}

/** A row of a conversation. Edits, deletes and reactions are folded into the message that they concern. */
export type TimelineItem = MessageItem | MemberItem | SettingsItem;

/** Where a slice of a timeline is wanted. `at` and `around` include the place. */
export type Place = { end: true } | { unread: true } | { before: number } | { after: number } | { around: number };

/** A contiguous piece of a timeline. */
export interface Slice {
  items: TimelineItem[];
  /** Every place from `first` to `last` is accounted for, also those that show nothing. */
  first: number;
  last: number;
  /** The place of the conversation's last event. */
  head: number;
  /** Nothing that the viewer may see stands before. */
  reached_start: boolean;
  /** Nothing stands after, but for what is in the outbox, which then ends `items`. */
  reached_end: boolean;
  /** The viewer's read position when the slice was made. */
  read_seq: number;
}

export interface ConversationRow {
  conversation_id: string;
  kind: "direct" | "group";
  name: string;
  picture: string | null;
  peer: Person | null;
  head: number;
  read_seq: number;
  unread: number;
  muted: boolean;
  /** Where the server last had it in the order of changes; it does not move with each event. */
  upos: number;
  /** Order of the list, the latest first. */
  last_activity_at: Time;
  last_item: TimelineItem | null;
  member_count: number;
  role: Role;
  /** Words that were written and not sent. */
  draft: string | null;
}

export interface Member {
  user_id: string;
  name: string;
  profile_pic?: string;
  role: Role;
  joined_at?: Time;
  /** How far they have read, and how far it reached one of their devices; absent where they do not show it. */
  read_seq?: number;
  delivered_seq?: number;
}

export interface ConversationDetail {
  conversation_id: string;
  kind: "direct" | "group";
  name: string;
  picture: string | null;
  peer: Person | null;
  history_for_new_members: HistoryPolicy | null;
  head: number;
  read_seq: number;
  muted: boolean;
  role: Role;
  member_count: number;
  members: Member[];
}

export interface Preferences {
  version: number;
  theme: "light" | "dark" | "system";
  /** A BCP 47 tag; null to follow the device. */
  language: string | null;
  privacy: { discoverable: boolean; show_presence: boolean; send_read_receipts: boolean };
  notifications: { messages: "all" | "mentions" | "none"; preview: boolean; sound: boolean };
  /** What the client itself keeps, up to 16 KiB. */
  client: Record<string, unknown>;
}

export interface Device {
  session_id: string;
  device: string;
  created_at: Time;
  last_seen_at: Time;
  current: boolean;
}

/** Everything that a first paint needs, from the cache and without waiting for the network. */
export interface Snapshot {
  me: Me | null;
  connection: Connection;
  /** Milliseconds since the epoch from which on there is no connection; null while there is one. */
  offline_since_ms: number | null;
  conversations: ConversationRow[];
  /** Whether the server has conversations that are not listed. */
  more_conversations: boolean;
  preferences: Preferences;
  limits: { text_bytes: number; group_members: number };
}

/** A refusal or a failure, as the UI shows it. `code` is stable; `offline` and `timeout` are the client's own. */
export interface Problem {
  code: string;
  status: number;
  title: string;
  detail: string;
  errors: { field: string; code: string; detail: string }[];
  retry_after_ms: number | null;
}

export interface OperatorView {
  health: Record<string, unknown>;
  messages_sent: number;
  active_users: number;
}

/** What the core tells every tab. */
export type Update =
  | { kind: "connection"; connection: Connection; offline_since_ms: number | null }
  | { kind: "me"; me: Me }
  /** Rows that are new or have changed, and conversations that are gone. */
  | { kind: "conversations"; rows: ConversationRow[]; gone: string[]; more: boolean }
  /**
   * Items that are new or have changed, by `key`, and keys that are gone. An item that lies outside of what a tab shows
   * is not for it. `head` is the conversation's; a tab at the end that lacks places up to it asks for them.
   */
  | {
      kind: "timeline";
      conversation_id: string;
      items: TimelineItem[];
      gone: string[];
      head: number;
    }
  /** The cache of a conversation was dropped: ask again for what is shown. */
  | { kind: "timeline-reset"; conversation_id: string }
  | { kind: "detail"; detail: ConversationDetail }
  | {
      kind: "cursor";
      conversation_id: string;
      user_id: string;
      read_seq: number | null;
      delivered_seq: number | null;
    }
  | { kind: "typing"; conversation_id: string; user_id: string }
  | { kind: "people"; people: Person[] }
  | { kind: "preferences"; preferences: Preferences }
  /** A message was sent to a person with whom there was no conversation: this is the conversation now. */
  | { kind: "conversation-created"; receiver_id: string; conversation_id: string }
  /** Everything was wiped; the reason is a code of the server, or null after an own sign-out. */
  | { kind: "signed-out"; reason: string | null };

/**
 * What a tab can ask. Each answer is a copy; refusals are thrown as `Problem`. A `conversation` is a conversation id, or
 * the id of a person for the direct conversation with them, which need not exist yet.
 */
export interface CoreApi {
  snapshot(): Promise<Snapshot>;

  signUp(form: { email: string; password: string; name: string; username?: string; device: string }): Promise<Me>;
  signIn(form: { username: string; password: string; device: string }): Promise<Me>;
  signOut(): Promise<void>;

  /** Loads the next page of the conversation list; told as `conversations`. */
  moreConversations(): Promise<void>;
  /** From the cache where it is there, then refreshed and told as `detail`. */
  detail(conversation: string): Promise<ConversationDetail>;
  searchPeople(query: string): Promise<Person[]>;
  person(user_id: string): Promise<Person>;
  /** What is known of these people, at once; what is not known is loaded and told as `people`. */
  people(user_ids: string[]): Promise<Person[]>;

  /**
   * About `limit` rows, from the cache where it has them. What waits in the outbox ends a slice that reaches the end.
   * Without a connection what is cached has to do; `offline` is thrown only where nothing of the place is.
   */
  slice(conversation: string, place: Place, limit: number): Promise<Slice>;
  /** One message, from the cache or the server: for quotes. Null if the viewer may not see it. */
  message(message_id: string): Promise<MessageItem | null>;
  /** Resolves as soon as the message is safe in the outbox; told as `timeline` before that. */
  send(
    conversation: string,
    text: string,
    reply_to: string | null,
    /** The sender's own id of it; made up where it is absent. The same one again is the same message. */
    client_message_id?: string,
  ): Promise<{ client_message_id: string }>;
  /** Messages that wait for their answer or were refused. */
  outboxCount(): Promise<number>;
  retry(client_message_id: string): Promise<void>;
  discard(client_message_id: string): Promise<void>;
  /** Shown when the server has it. Changes of messages are not queued: without a connection, refused as `offline`. */
  edit(message_id: string, text: string): Promise<void>;
  remove(message_id: string): Promise<void>;
  /** Shown at once, taken back if it is refused. */
  react(message_id: string, emoji: string, change: "added" | "removed"): Promise<void>;
  /** Counts at once, also without a connection; told to the server until it knows. Never goes back. */
  read(conversation: string, seq: number): Promise<void>;
  typing(conversation: string): Promise<void>;
  /** Told as part of the conversation's row. */
  draft(conversation: string): Promise<string | null>;
  setDraft(conversation: string, text: string | null): Promise<void>;

  createGroup(form: { name: string; participants: string[]; history_for_new_members: HistoryPolicy }): Promise<string>;
  updateGroup(
    group_id: string,
    change: { name?: string; picture?: string; history_for_new_members?: HistoryPolicy },
  ): Promise<void>;
  addMember(group_id: string, user_id: string): Promise<void>;
  /** Removing oneself is leaving. */
  removeMember(group_id: string, user_id: string): Promise<void>;
  setRole(group_id: string, user_id: string, role: Role): Promise<void>;
  transferOwnership(group_id: string, user_id: string): Promise<void>;
  mute(conversation_id: string, muted: boolean): Promise<void>;

  blocked(): Promise<Person[]>;
  block(user_id: string): Promise<void>;
  unblock(user_id: string): Promise<void>;

  updateProfile(change: { name?: string; profile_pic?: string; status?: string }): Promise<void>;
  devices(): Promise<Device[]>;
  revokeDevice(session_id: string): Promise<void>;
  /**
   * Holds at once, and is safe on this device before it is sent: without a connection it waits for the next one. Read,
   * changed and written back, again where another device was faster: whoever writes last is right.
   */
  setPreferences(change: Partial<Omit<Preferences, "version">>): Promise<void>;
  operatorView(start_date: string, end_date: string): Promise<OperatorView>;
}
