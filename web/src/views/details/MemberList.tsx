import type { ConversationDetail, Member } from "@kith/client";
import { createMemo, createSignal, For, Show, Suspense } from "solid-js";
import { Button } from "../../parts/Button";
import { IconButton } from "../../parts/IconButton";
import { openMenu, type MenuItem } from "../../parts/menu";
import { PersonRow } from "../../parts/PersonRow";
import { SearchField } from "../../parts/SearchField";
import { Tag } from "../../parts/small";
import { bestFits } from "../../state/fuzzy";
import { openPerson } from "../../state/layout";
import { person } from "../../state/people";
import { me } from "../../state/session";
import { t } from "../../text";
import { makeOwner, removeMember, setAdmin, setPlainMember } from "./group-actions";
import { later } from "../later";

const AddMembers = later(() => import("./AddMembers"));

const order = { owner: 0, admin: 1, member: 2 } as const;
/** From here on a field to search in is worth its place. */
const many = 12;

export function MemberList(props: { group: ConversationDetail }) {
  const [adding, setAdding] = createSignal(false);
  const [query, setQuery] = createSignal("");
  const members = createMemo(() => {
    const sorted = [...props.group.members].sort(
      (one, other) => order[one.role] - order[other.role] || one.name.localeCompare(other.name),
    );
    return bestFits(query(), sorted, (member) => member.name);
  });
  const manages = () => props.group.role !== "member";

  return (
    <div class="details-members">
      <Show when={manages()}>
        <Button variant="quiet" icon="person_add" data-testid="add-members" onClick={() => setAdding(true)}>
          {t().details.add}
        </Button>
      </Show>
      <Show when={props.group.members.length >= many}>
        <SearchField label={t().details.find_member} value={query()} onInput={setQuery} />
      </Show>
      <ul class="details-rows">
        <For each={members()}>{(member) => <MemberRow group={props.group} member={member} />}</For>
      </ul>
      <Show when={adding()}>
        <Suspense>
          <AddMembers group={props.group} onClose={() => setAdding(false)} />
        </Suspense>
      </Show>
    </div>
  );
}

function MemberRow(props: { group: ConversationDetail; member: Member }) {
  const isMe = () => props.member.user_id === me()?.user_id;
  const roleTag = () => {
    const role = props.member.role;
    if (role === "member") return undefined;
    return (
      <Tag icon={role === "owner" ? "crown" : "shield"} tone={role === "owner" ? "warning" : "accent"}>
        {t().details[role]}
      </Tag>
    );
  };
  return (
    <li class="details-row" data-testid="member-row" data-user={props.member.user_id}>
      <button type="button" class="details-person" disabled={isMe()} onClick={() => openPerson(props.member.user_id)}>
        <PersonRow
          person={{ ...person(props.member.user_id), ...props.member }}
          line={isMe() ? t().details.you : undefined}
          end={roleTag()}
        />
      </button>
      <Show when={!isMe() && actionsFor(props.group, props.member).length > 0}>
        <IconButton
          icon="more"
          label={t().details.member_actions(props.member.name)}
          aria-haspopup="menu"
          onClick={(event) =>
            openMenu(event, t().details.member_actions(props.member.name), actionsFor(props.group, props.member))
          }
        />
      </Show>
    </li>
  );
}

/** An admin removes members; the owner also decides about roles. */
function actionsFor(group: ConversationDetail, member: Member): MenuItem[][] {
  const words = t().details;
  const roles: MenuItem[] = [];
  if (group.role === "owner") {
    roles.push(
      member.role === "admin"
        ? { label: words.make_member, icon: "person", run: () => void setPlainMember(group, member) }
        : { label: words.make_admin, icon: "shield", run: () => void setAdmin(group, member) },
      { label: words.make_owner, icon: "crown", run: () => void makeOwner(group, member) },
    );
  }
  const removable = group.role === "owner" || (group.role === "admin" && member.role === "member");
  const removal: MenuItem[] = removable
    ? [{ label: words.remove, icon: "trash", tone: "danger", run: () => void removeMember(group, member) }]
    : [];
  return [roles, removal].filter((items) => items.length > 0);
}
