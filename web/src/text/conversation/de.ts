import { pluralFor } from "../format";
import type { ConversationText } from "./en";

const plural = pluralFor("de");

const conversation: ConversationText = {
  messages: "Nachrichten",
  write: (name) => `An ${name} schreiben`,
  send: "Senden",
  emoji: "Emoji",
  mention: "Jemanden erwähnen",
  unread: "Neue Nachrichten",
  beginning: "Hier beginnt die Unterhaltung",
  beginning_history: "Was vor deinem Beitritt geschrieben wurde, wird nicht gezeigt",
  empty_title: "Noch nichts da",
  empty: (name) => `Sag ${name} Hallo.`,
  loading: "Nachrichten werden geladen",
  failed_title: "Die Nachrichten konnten nicht geladen werden",
  retry: "Noch einmal",
  to_latest: (count) =>
    count === 0 ? "Zur neuesten Nachricht" : plural(count, { other: "Zur neuesten Nachricht, # neu" }),
  jump_back: "Zurück zur vorigen Stelle",
  go_to_date: "Zu einem Tag gehen",
  go: "Los",
  details: "Details",
  back: "Zurück zur Liste",
  members: (count) => plural(count, { one: "# Mitglied", other: "# Mitglieder" }),
  online: "online",
  last_seen: (when) => `zuletzt gesehen ${when}`,
  typing_one: (name) => `${name} schreibt …`,
  typing_direct: "schreibt …",
  typing_many: (count) => plural(count, { one: "# Person schreibt …", other: "# Personen schreiben …" }),
  unknown_person: "Jemand",

  deleted: "Diese Nachricht wurde gelöscht",
  edited: "bearbeitet",
  show_more: "Mehr zeigen",
  show_less: "Weniger zeigen",
  code: (language) => (language === "" ? "Code" : `Code, ${language}`),
  copy_code: "Code kopieren",
  copied: "Kopiert",
  link_copied: "Link kopiert",
  quote_gone: "Diese Nachricht gibt es nicht mehr",
  jump_to_quote: (author, words) => `Antwort auf ${author}: ${words}`,
  status: {
    queued: "wartet auf das Senden",
    sending: "wird gesendet",
    sent: "gesendet",
    delivered: "zugestellt",
    read: "gelesen",
    failed: "nicht gesendet",
  },
  read_by: (count) => plural(count, { other: "gelesen von #" }),
  read_by_title: "Gelesen von",
  delivered_to_title: "Zugestellt an",
  nobody_yet: "Noch niemand",
  sent_at: "Gesendet",
  edited_at: "Bearbeitet",
  info_title: "Über diese Nachricht",

  reactions: "Reaktionen",
  who_reacted: "Wer reagiert hat",
  others: (count) => plural(count, { one: "eine weitere Person", other: "# weitere" }),
  reacted: (names, emoji) => `${names}: ${emoji}`,
  react_with: (emoji) => `Mit ${emoji} reagieren`,
  more_emoji: "Weitere Emoji",

  actions: "Aktionen",
  action: {
    reply: "Antworten",
    react: "Reagieren",
    copy: "Text kopieren",
    link: "Link kopieren",
    select: "Auswählen",
    info: "Details",
    edit: "Bearbeiten",
    remove: "Für alle löschen",
    retry: "Noch einmal",
    discard: "Löschen",
    more: "Mehr",
  },
  replying_to: (name) => `Antwort an ${name}`,
  editing: "Nachricht bearbeiten",
  cancel_reply: "Nicht antworten",
  cancel_edit: "Lassen, wie es war",
  remove_title: (count) => plural(count, { one: "Diese Nachricht löschen?", other: "# Nachrichten löschen?" }),
  remove_words: "Für alle in dieser Unterhaltung wird der Inhalt gelöscht.",
  remove_confirm: "Löschen",
  removed: (count) => plural(count, { one: "Nachricht gelöscht", other: "# Nachrichten gelöscht" }),
  undo: "Rückgängig",
  selected: (count) => plural(count, { other: "# ausgewählt" }),
  copy_selected: "Kopieren",
  delete_selected: "Löschen",
  leave_selection: "Auswahl beenden",
  said_at: (author, when) => `${author}, ${when}`,

  announce_one: (author, words) => `${author}: ${words}`,
  announce_many: (count, authors) =>
    plural(count, {
      one: `# neue Nachricht von ${authors}`,
      other: `# neue Nachrichten von ${authors}`,
    }),

  refused: (problem) => {
    switch (problem) {
      case "text-too-long":
        return "Nicht gesendet: Der Text ist zu lang.";
      case "blocked-by-you":
        return "Nicht gesendet: Du hast diese Person blockiert.";
      case "not-accepted":
        return "Nicht gesendet: Diese Person nimmt keine Nachrichten von dir an.";
      case "not-found":
        return "Nicht gesendet: Diese Unterhaltung gibt es nicht mehr.";
      default:
        return "Nicht gesendet.";
    }
  },

  emoji_picker: {
    title: "Emoji",
    search: "Emoji suchen",
    none: "Kein Emoji gefunden",
    recent: "Zuletzt verwendet",
    tone: "Hautton",
    tones: ["Standard", "Hell", "Mittelhell", "Mittel", "Mitteldunkel", "Dunkel"],
    groups: [
      "Smileys und Gefühle",
      "Menschen und Körper",
      "Tiere und Natur",
      "Essen und Trinken",
      "Reisen und Orte",
      "Aktivitäten",
      "Gegenstände",
      "Symbole",
      "Flaggen",
    ],
  },
};

export default conversation;
