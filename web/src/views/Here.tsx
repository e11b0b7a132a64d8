import { useNavigate, useParams } from "@solidjs/router";
import { createEffect, Show, Suspense } from "solid-js";
import { conversation } from "../state/conversations";
import Conversation from "./conversation/Conversation";
import { later } from "./later";

const Nowhere = later(() => import("./shell/Nowhere"));

/** The conversation that the address names. */
export function Here() {
  const params = useParams<{ conversation?: string; seq?: string }>();
  const navigate = useNavigate();
  const place = () => {
    const seq = Number(params.seq);
    return Number.isSafeInteger(seq) && seq > 0 ? { place: seq } : {};
  };

  // The first message to a person makes the conversation; from then on the address names it.
  createEffect(() => {
    const named = params.conversation;
    const found = named === undefined ? undefined : conversation(named);
    if (found && found.conversation_id !== named) navigate(`/c/${found.conversation_id}`, { replace: true });
  });

  return (
    <Show
      when={params.conversation}
      fallback={
        <Suspense>
          <Nowhere />
        </Suspense>
      }
    >
      {(id) => <Conversation conversation={id()} {...place()} />}
    </Show>
  );
}
