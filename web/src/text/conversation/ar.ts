import { pluralFor } from "../format";
import type { ConversationText } from "./en";

const plural = pluralFor("ar");

const conversation: ConversationText = {
  messages: "الرسائل",
  write: (name) => `اكتب إلى ${name}`,
  send: "إرسال",
  emoji: "رموز تعبيرية",
  mention: "الإشارة إلى شخص",
  unread: "رسائل جديدة",
  beginning: "هنا تبدأ المحادثة",
  beginning_history: "ما كُتب قبل انضمامك لا يظهر",
  empty_title: "لا شيء هنا بعد",
  empty: (name) => `قل مرحبًا لـ ${name}.`,
  loading: "جارٍ تحميل الرسائل",
  failed_title: "تعذّر تحميل الرسائل",
  retry: "حاول مجددًا",
  to_latest: (count) =>
    count === 0
      ? "إلى أحدث رسالة"
      : plural(count, {
          one: "إلى أحدث رسالة، رسالة جديدة واحدة",
          two: "إلى أحدث رسالة، رسالتان جديدتان",
          few: "إلى أحدث رسالة، # رسائل جديدة",
          other: "إلى أحدث رسالة، # رسالة جديدة",
        }),
  jump_back: "العودة إلى حيث كنت",
  go_to_date: "الانتقال إلى تاريخ",
  go: "انتقال",
  details: "التفاصيل",
  back: "العودة إلى القائمة",
  members: (count) =>
    plural(count, {
      one: "عضو واحد",
      two: "عضوان",
      few: "# أعضاء",
      many: "# عضوًا",
      other: "# عضو",
    }),
  online: "متصل الآن",
  last_seen: (when) => `آخر ظهور ${when}`,
  typing_one: (name) => `${name} يكتب…`,
  typing_direct: "يكتب…",
  typing_many: (count) =>
    plural(count, {
      one: "شخص واحد يكتب…",
      two: "شخصان يكتبان…",
      few: "# أشخاص يكتبون…",
      many: "# شخصًا يكتبون…",
      other: "# شخص يكتبون…",
    }),
  unknown_person: "شخص ما",

  deleted: "حُذفت هذه الرسالة",
  edited: "معدّلة",
  show_more: "عرض المزيد",
  show_less: "عرض أقل",
  code: (language) => (language === "" ? "شيفرة" : `شيفرة، ${language}`),
  copy_code: "نسخ الشيفرة",
  copied: "نُسخ",
  link_copied: "نُسخ الرابط",
  quote_gone: "هذه الرسالة لم تعد موجودة",
  jump_to_quote: (author, words) => `ردًّا على ${author}: ${words}`,
  status: {
    queued: "في انتظار الإرسال",
    sending: "قيد الإرسال",
    sent: "أُرسلت",
    delivered: "وصلت",
    read: "قُرئت",
    failed: "لم تُرسل",
  },
  read_by: (count) =>
    plural(count, { one: "قرأها شخص واحد", two: "قرأها شخصان", few: "قرأها # أشخاص", other: "قرأها #" }),
  read_by_title: "قرأها",
  delivered_to_title: "وصلت إلى",
  nobody_yet: "لا أحد بعد",
  sent_at: "أُرسلت",
  edited_at: "عُدّلت",
  info_title: "عن هذه الرسالة",

  reactions: "التفاعلات",
  who_reacted: "من تفاعل",
  others: (count) =>
    plural(count, {
      one: "شخص آخر",
      two: "شخصان آخران",
      few: "# آخرون",
      many: "# آخرون",
      other: "# آخرون",
    }),
  reacted: (names, emoji) => `${names}: ${emoji}`,
  react_with: (emoji) => `التفاعل بـ ${emoji}`,
  more_emoji: "المزيد من الرموز",

  actions: "الإجراءات",
  action: {
    reply: "رد",
    react: "تفاعل",
    copy: "نسخ النص",
    link: "نسخ الرابط",
    select: "تحديد",
    info: "التفاصيل",
    edit: "تعديل",
    remove: "حذف لدى الجميع",
    retry: "حاول مجددًا",
    discard: "حذف",
    more: "المزيد",
  },
  replying_to: (name) => `رد على ${name}`,
  editing: "تعديل الرسالة",
  cancel_reply: "إلغاء الرد",
  cancel_edit: "إبقاؤها كما كانت",
  remove_title: (count) =>
    plural(count, {
      one: "حذف هذه الرسالة؟",
      two: "حذف رسالتين؟",
      few: "حذف # رسائل؟",
      many: "حذف # رسالة؟",
      other: "حذف # رسالة؟",
    }),
  remove_words: "سيُحذف المحتوى لدى جميع من في هذه المحادثة.",
  remove_confirm: "حذف",
  removed: (count) =>
    plural(count, {
      one: "حُذفت الرسالة",
      two: "حُذفت رسالتان",
      few: "حُذفت # رسائل",
      many: "حُذفت # رسالة",
      other: "حُذفت # رسالة",
    }),
  undo: "تراجع",
  selected: (count) =>
    plural(count, {
      zero: "لا شيء محدد",
      one: "حُددت واحدة",
      two: "حُددت اثنتان",
      few: "حُددت #",
      other: "حُددت #",
    }),
  copy_selected: "نسخ",
  delete_selected: "حذف",
  leave_selection: "إنهاء التحديد",
  said_at: (author, when) => `${author}، ${when}`,

  announce_one: (author, words) => `${author}: ${words}`,
  announce_many: (count, authors) =>
    plural(count, {
      one: `رسالة جديدة من ${authors}`,
      two: `رسالتان جديدتان من ${authors}`,
      few: `# رسائل جديدة من ${authors}`,
      many: `# رسالة جديدة من ${authors}`,
      other: `# رسالة جديدة من ${authors}`,
    }),

  refused: (problem) => {
    switch (problem) {
      case "text-too-long":
        return "لم تُرسل: النص طويل جدًا.";
      case "blocked-by-you":
        return "لم تُرسل: لقد حظرت هذا الشخص.";
      case "not-accepted":
        return "لم تُرسل: هذا الشخص لا يقبل رسائلك.";
      case "not-found":
        return "لم تُرسل: هذه المحادثة لم تعد موجودة.";
      default:
        return "لم تُرسل.";
    }
  },

  emoji_picker: {
    title: "الرموز التعبيرية",
    search: "البحث عن رمز",
    none: "لم يُعثر على رمز",
    recent: "المستخدمة مؤخرًا",
    tone: "لون البشرة",
    tones: ["الافتراضي", "فاتح", "فاتح متوسط", "متوسط", "داكن متوسط", "داكن"],
    groups: [
      "وجوه ومشاعر",
      "أشخاص وأجسام",
      "حيوانات وطبيعة",
      "طعام وشراب",
      "سفر وأماكن",
      "أنشطة",
      "أشياء",
      "رموز",
      "أعلام",
    ],
  },
};

export default conversation;
