import type { Account } from "./account.ts";
import type { CoreApi, Device, HistoryPolicy, OperatorView, Person, Role } from "./core-api.ts";
import { newId } from "./ids.ts";
import { toPerson } from "./people.ts";
import type { Rest } from "./rest.ts";

/** What a user interface asks that only the server can do: it is passed on, and the cache learns of it from events. */
export abstract class Calls {
  protected abstract readonly rest: Rest;
  protected abstract signedIn(): Promise<Account>;

  async searchPeople(q: string): Promise<Person[]> {
    const { people } = await this.signedIn();
    const found = await this.rest.call("get", "/users/search", { query: { q } });
    return found.users.map((user) => people.saw(user));
  }

  async edit(message_id: string, text: string): Promise<void> {
    await this.signedIn();
    const body = { message: text };
    await this.rest.call("put", "/message/{message_id}", { in: [message_id], body });
  }

  async remove(message_id: string): Promise<void> {
    await this.signedIn();
    await this.rest.call("delete", "/message/{message_id}", { in: [message_id] });
  }

  async createGroup(form: Parameters<CoreApi["createGroup"]>[0]): Promise<string> {
    const account = await this.signedIn();
    const { name, ...rest } = form;
    const body = { group_name: name, ...rest };
    const { group_id } = await this.rest.call("post", "/group/create", { body, key: newId() });
    account.refreshSoon();
    return group_id;
  }

  async updateGroup(
    group_id: string,
    body: { name?: string; picture?: string; history_for_new_members?: HistoryPolicy },
  ): Promise<void> {
    await this.signedIn();
    await this.rest.call("put", "/group/{group_id}", { in: [group_id], body });
  }

  async addMember(group_id: string, user_id: string): Promise<void> {
    await this.signedIn();
    await this.rest.call("post", "/group/{group_id}/add", { in: [group_id], body: { user_id } });
  }

  async removeMember(group_id: string, user_id: string): Promise<void> {
    await this.signedIn();
    await this.rest.call("post", "/group/{group_id}/remove", { in: [group_id], body: { user_id } });
  }

  async setRole(group_id: string, user_id: string, role: Role): Promise<void> {
    await this.signedIn();
    const body = { user_id, role };
    await this.rest.call("put", "/group/{group_id}/role", { in: [group_id], body });
  }

  async transferOwnership(group_id: string, user_id: string): Promise<void> {
    await this.signedIn();
    await this.rest.call("post", "/group/{group_id}/owner", { in: [group_id], body: { user_id } });
  }

  async mute(conversation_id: string, muted: boolean): Promise<void> {
    const account = await this.signedIn();
    const question = { in: [conversation_id], body: { muted } };
    await this.rest.call("put", "/conversation/{conversation_id}/mute", question);
    account.inbox.change(conversation_id, { muted });
    account.details.changed(conversation_id);
  }

  async blocked(): Promise<Person[]> {
    await this.signedIn();
    return (await this.rest.call("get", "/blocked")).users.map((user) => toPerson(user));
  }

  async block(user_id: string): Promise<void> {
    await this.signedIn();
    await this.rest.call("put", "/user/{user_id}/block", { in: [user_id] });
  }

  async unblock(user_id: string): Promise<void> {
    await this.signedIn();
    await this.rest.call("delete", "/user/{user_id}/block", { in: [user_id] });
  }

  async updateProfile(body: { name?: string; profile_pic?: string; status?: string }): Promise<void> {
    const account = await this.signedIn();
    const { user_id } = account.me;
    await this.rest.call("put", "/user/{user_id}/profile", { in: [user_id], body });
    await account.loadMe();
  }

  async devices(): Promise<Device[]> {
    await this.signedIn();
    return (await this.rest.call("get", "/sessions")).sessions;
  }

  async revokeDevice(session_id: string): Promise<void> {
    await this.signedIn();
    await this.rest.call("delete", "/sessions/{session_id}", { in: [session_id] });
  }

  async operatorView(start_date: string, end_date: string): Promise<OperatorView> {
    await this.signedIn();
    const query = { start_date, end_date };
    const [health, statistics] = await Promise.all([
      this.rest.call("get", "/system/health"),
      this.rest.call("get", "/stats/messages", { query }),
    ]);
    return { health: { ...health }, ...statistics };
  }
}
