import { pluralFor } from "../format";
import type { ConversationText } from "./en";

const plural = pluralFor("es");

const conversation: ConversationText = {
  messages: "Mensajes",
  write: (name) => `Escribir a ${name}`,
  send: "Enviar",
  emoji: "Emoji",
  mention: "Mencionar a alguien",
  unread: "Mensajes nuevos",
  beginning: "Aquí empieza la conversación",
  beginning_history: "Lo que se escribió antes de que entraras no se muestra",
  empty_title: "Aún no hay nada",
  empty: (name) => `Saluda a ${name}.`,
  loading: "Cargando mensajes",
  failed_title: "No se han podido cargar los mensajes",
  retry: "Reintentar",
  to_latest: (count) =>
    count === 0
      ? "Ir al último mensaje"
      : plural(count, {
          one: "Ir al último mensaje, # nuevo",
          other: "Ir al último mensaje, # nuevos",
        }),
  jump_back: "Volver a donde estabas",
  go_to_date: "Ir a una fecha",
  go: "Ir",
  details: "Detalles",
  back: "Volver a la lista",
  members: (count) => plural(count, { one: "# miembro", other: "# miembros" }),
  online: "en línea",
  last_seen: (when) => `última vez ${when}`,
  typing_one: (name) => `${name} está escribiendo…`,
  typing_direct: "está escribiendo…",
  typing_many: (count) => plural(count, { one: "# persona está escribiendo…", other: "# personas están escribiendo…" }),
  unknown_person: "Alguien",

  deleted: "Este mensaje se eliminó",
  edited: "editado",
  show_more: "Mostrar más",
  show_less: "Mostrar menos",
  code: (language) => (language === "" ? "Código" : `Código, ${language}`),
  copy_code: "Copiar el código",
  copied: "Copiado",
  link_copied: "Enlace copiado",
  quote_gone: "El mensaje ya no está",
  jump_to_quote: (author, words) => `En respuesta a ${author}: ${words}`,
  status: {
    queued: "a la espera de enviarse",
    sending: "enviándose",
    sent: "enviado",
    delivered: "entregado",
    read: "leído",
    failed: "no enviado",
  },
  read_by: (count) => plural(count, { other: "leído por #" }),
  read_by_title: "Leído por",
  delivered_to_title: "Entregado a",
  nobody_yet: "Nadie todavía",
  sent_at: "Enviado",
  edited_at: "Editado",
  info_title: "Sobre este mensaje",

  reactions: "Reacciones",
  who_reacted: "Quién ha reaccionado",
  others: (count) => plural(count, { one: "una persona más", other: "# más" }),
  reacted: (names, emoji) => `${names}: ${emoji}`,
  react_with: (emoji) => `Reaccionar con ${emoji}`,
  more_emoji: "Más emojis",

  actions: "Acciones",
  action: {
    reply: "Responder",
    react: "Reaccionar",
    copy: "Copiar texto",
    link: "Copiar enlace",
    select: "Seleccionar",
    info: "Detalles",
    edit: "Editar",
    remove: "Eliminar para todos",
    retry: "Reintentar",
    discard: "Eliminar",
    more: "Más",
  },
  replying_to: (name) => `Respuesta a ${name}`,
  editing: "Editar mensaje",
  cancel_reply: "No responder",
  cancel_edit: "Dejarlo como estaba",
  remove_title: (count) => plural(count, { one: "¿Eliminar este mensaje?", other: "¿Eliminar # mensajes?" }),
  remove_words: "Se eliminará para todos en esta conversación.",
  remove_confirm: "Eliminar",
  removed: (count) => plural(count, { one: "Mensaje eliminado", other: "# mensajes eliminados" }),
  undo: "Deshacer",
  selected: (count) => plural(count, { one: "# seleccionado", other: "# seleccionados" }),
  copy_selected: "Copiar",
  delete_selected: "Eliminar",
  leave_selection: "Salir de la selección",
  said_at: (author, when) => `${author}, ${when}`,

  announce_one: (author, words) => `${author}: ${words}`,
  announce_many: (count, authors) =>
    plural(count, {
      one: `# mensaje nuevo de ${authors}`,
      other: `# mensajes nuevos de ${authors}`,
    }),

  refused: (problem) => {
    switch (problem) {
      case "text-too-long":
        return "No enviado: el texto es demasiado largo.";
      case "blocked-by-you":
        return "No enviado: has bloqueado a esta persona.";
      case "not-accepted":
        return "No enviado: esta persona no acepta tus mensajes.";
      case "not-found":
        return "No enviado: esta conversación ya no existe.";
      default:
        return "No enviado.";
    }
  },

  emoji_picker: {
    title: "Emojis",
    search: "Buscar emojis",
    none: "Ningún emoji encontrado",
    recent: "Usados hace poco",
    tone: "Tono de piel",
    tones: ["Predeterminado", "Claro", "Medio claro", "Medio", "Medio oscuro", "Oscuro"],
    groups: [
      "Caritas y emociones",
      "Personas y cuerpo",
      "Animales y naturaleza",
      "Comida y bebida",
      "Viajes y lugares",
      "Actividades",
      "Objetos",
      "Símbolos",
      "Banderas",
    ],
  },
};

export default conversation;
