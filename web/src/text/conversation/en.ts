import { pluralFor } from "../format";

const plural = pluralFor("en");

const conversation = {
  messages: "Messages",
  write: (name: string) => `Write to ${name}`,
  send: "Send",
  emoji: "Emoji",
  mention: "Mention somebody",
  unread: "New messages",
  beginning: "This is where the conversation begins",
  beginning_history: "What was written before you joined is not shown",
  empty_title: "Nothing here yet",
  empty: (name: string) => `Say hello to ${name}.`,
  loading: "Loading messages",
  failed_title: "The messages could not be loaded",
  retry: "Try again",
  to_latest: (count: number) =>
    count === 0 ? "To the latest message" : plural(count, { other: "To the latest message, # new" }),
  jump_back: "Back to where you were",
  go_to_date: "Go to a date",
  go: "Go",
  details: "Details",
  back: "Back to the list",
  members: (count: number) => plural(count, { one: "# member", other: "# members" }),
  online: "online",
  last_seen: (when: string) => `last seen ${when}`,
  typing_one: (name: string) => `${name} is typing…`,
  typing_direct: "is typing…",
  typing_many: (count: number) => plural(count, { one: "# person is typing…", other: "# people are typing…" }),
  unknown_person: "Somebody",

  deleted: "This message was deleted",
  edited: "edited",
  show_more: "Show more",
  show_less: "Show less",
  code: (language: string) => (language === "" ? "Code" : `Code, ${language}`),
  copy_code: "Copy the code",
  copied: "Copied",
  link_copied: "Link copied",
  quote_gone: "The message is not there any more",
  jump_to_quote: (author: string, words: string) => `In reply to ${author}: ${words}`,
  status: {
    queued: "waiting to be sent",
    sending: "being sent",
    sent: "sent",
    delivered: "delivered",
    read: "read",
    failed: "not sent",
  },
  read_by: (count: number) => plural(count, { other: "read by #" }),
  read_by_title: "Read by",
  delivered_to_title: "Delivered to",
  nobody_yet: "Nobody yet",
  sent_at: "Sent",
  edited_at: "Edited",
  info_title: "About this message",

  reactions: "Reactions",
  who_reacted: "Who reacted",
  others: (count: number) => plural(count, { one: "# other", other: "# others" }),
  reacted: (names: string, emoji: string) => `${names}: ${emoji}`,
  react_with: (emoji: string) => `React with ${emoji}`,
  more_emoji: "More emoji",

  actions: "Actions",
  action: {
    reply: "Reply",
    react: "React",
    copy: "Copy text",
    link: "Copy link",
    select: "Select",
    info: "Details",
    edit: "Edit",
    remove: "Delete for everyone",
    retry: "Try again",
    discard: "Delete",
    more: "More",
  },
  replying_to: (name: string) => `Reply to ${name}`,
  editing: "Edit message",
  cancel_reply: "Do not reply",
  cancel_edit: "Keep as it was",
  remove_title: (count: number) => plural(count, { one: "Delete this message?", other: "Delete # messages?" }),
  remove_words: "It will be deleted for everyone in this conversation.",
  remove_confirm: "Delete",
  removed: (count: number) => plural(count, { one: "Message deleted", other: "# messages deleted" }),
  undo: "Undo",
  selected: (count: number) => plural(count, { other: "# selected" }),
  copy_selected: "Copy",
  delete_selected: "Delete",
  leave_selection: "Leave the selection",
  said_at: (author: string, when: string) => `${author}, ${when}`,

  announce_one: (author: string, words: string) => `${author}: ${words}`,
  announce_many: (count: number, authors: string) =>
    plural(count, {
      one: `# new message from ${authors}`,
      other: `# new messages from ${authors}`,
    }),

  refused: (problem: string | null): string => {
    switch (problem) {
      case "text-too-long":
        return "Not sent: the text is too long.";
      case "blocked-by-you":
        return "Not sent: you have blocked this person.";
      case "not-accepted":
        return "Not sent: this person does not accept messages from you.";
      case "not-found":
        return "Not sent: this conversation is gone.";
      default:
        return "Not sent.";
    }
  },

  emoji_picker: {
    title: "Emoji",
    search: "Search emoji",
    none: "No emoji found",
    recent: "Recently used",
    tone: "Skin tone",
    tones: ["Default", "Light", "Medium-light", "Medium", "Medium-dark", "Dark"],
    groups: [
      "Smileys and emotion",
      "People and body",
      "Animals and nature",
      "Food and drink",
      "Travel and places",
      "Activities",
      "Objects",
      "Symbols",
      "Flags",
    ],
  },
};

export type ConversationText = typeof conversation;
export default conversation;
