import type { ConversationDetail } from "@kith/client";
import { createSignal, Show } from "solid-js";
import { Avatar } from "../../parts/Avatar";
import { Tabs } from "../../parts/Tabs";
import { t } from "../../text";
import { GroupSettings } from "./GroupSettings";
import { MemberList } from "./MemberList";

/** A group: who is in it, and how it is set up. */
export function GroupDetails(props: { group: ConversationDetail }) {
  const [tab, setTab] = createSignal<"members" | "settings">("members");
  return (
    <div class="details">
      <header class="details-head">
        <Avatar id={props.group.conversation_id} name={props.group.name} kind="group" size="xl" />
        <h3 class="details-name">
          <bdi>{props.group.name}</bdi>
        </h3>
        <p class="details-presence">{t().details.members(props.group.member_count)}</p>
      </header>
      <Tabs
        label={t().details.group}
        value={tab()}
        onChange={setTab}
        tabs={[
          { value: "members", label: t().details.tab_members },
          { value: "settings", label: t().details.tab_settings },
        ]}
      >
        <Show when={tab() === "members"} fallback={<GroupSettings group={props.group} />}>
          <MemberList group={props.group} />
        </Show>
      </Tabs>
    </div>
  );
}
