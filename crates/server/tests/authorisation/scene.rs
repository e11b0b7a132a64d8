//! What people are asked about: a host, the host's conversations with everybody, and the host's group.

use std::collections::BTreeMap;

use app::conversation;
use app::group::{self, NewGroup};
use app::message::{self, Destination, NewMessage};
use app::people;
use app::session::Actor;
use domain::access::Principal;
use domain::conversation::Settings;
use domain::member::{HistoryPolicy, Role};
use domain::text::{Name, Text};
use domain::{ConversationId, MessageId, Seq, SessionId, UserId};

use crate::world::World;

/// Those who have a conversation with the host.
const ACQUAINTED: [Principal; 6] = [
    Principal::Blocked,
    Principal::Blocking,
    Principal::Member,
    Principal::Author,
    Principal::Admin,
    Principal::Owner,
];
/// Those who belong to the group, and whoever did.
const JOINED: [Principal; 5] =
    [Principal::Former, Principal::Member, Principal::Author, Principal::Admin, Principal::Owner];

/// The host and what is the host's.
pub(crate) struct Scene {
    pub(crate) host: Actor,
    pub(crate) group: ConversationId,
    pub(crate) early: Seq,
    pub(crate) message: Seq,
    pub(crate) deleted: Seq,
    pub(crate) member_event: Seq,
    /// What each has written to the host, and got from the host.
    pub(crate) direct: BTreeMap<Principal, (MessageId, MessageId)>,
    /// What the guest has written to the host.
    pub(crate) others: MessageId,
}

impl Scene {
    /// Nothing yet.
    pub(crate) fn absent() -> Self {
        let nobody = UserId::from_bytes([0; 16]);
        let group = ConversationId::group([0; 16]);
        Self {
            host: Actor { user: nobody, session: SessionId::from_bytes([0; 16]), operator: false },
            group,
            early: Seq::ZERO,
            message: Seq::ZERO,
            deleted: Seq::ZERO,
            member_event: Seq::ZERO,
            direct: BTreeMap::new(),
            others: MessageId { conversation: group, seq: Seq::ZERO },
        }
    }

    /// A new host, and everything around.
    pub(crate) async fn set(world: &mut World) -> Self {
        let user = world.account().await;
        let host = Actor { user, session: SessionId::from_bytes([1; 16]), operator: false };
        let mut scene = Self { host, ..Self::absent() };
        scene.talk(world).await;
        scene.gather(world).await;
        scene
    }

    /// The host's conversations; afterwards the blocks.
    async fn talk(&mut self, world: &mut World) {
        let (user, guest) = (self.host.user, world.guest.actor);
        (self.others, _) = self.exchange(world, guest).await;
        for principal in ACQUAINTED {
            let actor = actor(world, principal);
            let exchanged = self.exchange(world, actor).await;
            self.direct.insert(principal, exchanged);
        }
        let (blocked, blocking) =
            (actor(world, Principal::Blocked), actor(world, Principal::Blocking));
        people::block(&world.app, &self.host, blocked.user).await.expect("there is room");
        people::block(&world.app, &blocking, self.host.user).await.expect("there is room");
        world.judge.hide(blocked.user, self.host.user);
        world.judge.hide(self.host.user, blocking.user);
        // How far the host has read is for those whom the host has not blocked.
        for (_, hosts) in self.direct.values() {
            let read = conversation::read(&world.app, user, hosts.conversation, hosts.seq).await;
            read.expect("the host belongs to it");
        }
    }

    async fn exchange(&self, world: &mut World, other: Actor) -> (MessageId, MessageId) {
        let both = [self.host.user, other.user];
        let (there, back) = (world.secret(&both), world.secret(&both));
        world.judge.contact(other.user, self.host.user);
        world.judge.contact(self.host.user, other.user);
        let id = ConversationId::direct(other.user, self.host.user);
        world.judge.secret(&id.to_string(), both);
        let own = write(world, &other, Destination::User(self.host.user), &there).await;
        let hosts = write(world, &self.host, Destination::Conversation(id), &back).await;
        let message = |seq| MessageId { conversation: id, seq };
        (message(own), message(hosts))
    }

    /// The group: the host writes alone, the others join, the author writes, the former member is removed.
    async fn gather(&mut self, world: &mut World) {
        let joined: Vec<Actor> = JOINED.iter().map(|joined| actor(world, *joined)).collect();
        let former = actor(world, Principal::Former).user;
        let hosts = [self.host.user];
        let members: Vec<UserId> = joined
            .iter()
            .map(|actor| actor.user)
            .filter(|user| *user != former)
            .chain([self.host.user, world.bystander.actor.user])
            .collect();
        let (name, early, text) =
            (world.secret(&members), world.secret(&hosts), world.secret(&members));
        self.group = found(world, &self.host, &name).await;
        world.judge.secret(&self.group.to_string(), members);
        for word in [&name, &text, &self.group.to_string()] {
            world.judge.once_told(word, former);
        }
        let (host, group, app) = (self.host, self.group, world.app.clone());
        let here = Destination::Conversation(group);
        self.early = write(world, &host, here, &early).await;
        let bystander = world.bystander.actor.user;
        for user in joined.iter().map(|actor| actor.user).chain([bystander]) {
            group::add(&app, &host, group, user).await.expect("the host may");
        }
        for (principal, role) in [(Principal::Admin, Role::Admin), (Principal::Owner, Role::Owner)]
        {
            let change = (actor(world, principal).user, role);
            group::set_role(&app, &host, group, change).await.expect("the host may");
        }
        let author = actor(world, Principal::Author);
        self.message = write(world, &author, here, &text).await;
        self.deleted = write(world, &author, here, &text).await;
        let deleted = MessageId { conversation: group, seq: self.deleted };
        message::delete(&app, &author, deleted).await.expect("one's own");
        group::remove(&app, &host, group, former).await.expect("the host may");
        self.member_event = self.deleted.next().next();
        let bystander = conversation::read(&app, bystander, group, self.message).await;
        bystander.expect("a member may read");
    }
}

fn actor(world: &World, principal: Principal) -> Actor {
    world.people.get(&principal).expect("everybody who is signed in is there").actor
}

async fn found(world: &World, host: &Actor, name: &str) -> ConversationId {
    let settings = Settings {
        name: Name::parse(name).expect("a name"),
        picture: None,
        history: HistoryPolicy::FromJoin,
    };
    let group = NewGroup { settings, participants: Vec::new(), idempotency_key: None };
    group::create(&world.app, host, group).await.expect("anybody may found a group")
}

async fn write(world: &World, actor: &Actor, destination: Destination, text: &str) -> Seq {
    let text = Text::parse(text).expect("a text");
    let message = NewMessage { text, reply_to: None, client_message_id: None };
    message::send(&world.app, actor, destination, message).await.expect("it may be sent").seq
}
