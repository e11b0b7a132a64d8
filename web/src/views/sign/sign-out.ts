import { confirm } from "../../parts/confirm";
import { core } from "../../state/core";
import { t } from "../../text";
import { attempt } from "../actions";

/** Asks first: what is stored here goes, and what is not sent is lost. */
export async function signOut(): Promise<void> {
  const waiting = await core().outboxCount();
  const yes = await confirm({
    title: t().settings.sign_out_title,
    body: waiting > 0 ? t().settings.sign_out_outbox(waiting) : t().settings.sign_out_body,
    action: waiting > 0 ? t().settings.sign_out_anyway : t().settings.sign_out,
    tone: waiting > 0 ? "danger" : "plain",
  });
  if (yes) await attempt(() => core().signOut());
}
