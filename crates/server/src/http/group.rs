//! Groups: creating them, their members, roles and settings.

use app::group::{self, NewGroup};
use axum::extract::State;
use domain::conversation::Settings;
use domain::event::SettingsChange;
use domain::limits::GROUP_MEMBERS_MAX;
use domain::refusal::Fault;
use domain::text::{Name, Picture};
use domain::{ClientMessageId, ConversationId, UserId};
use wire::group::{CreateGroup, GroupCreated, GroupUpdate, Participant, RoleChange};
use wire::{Done, Status};

use super::answer::{Created, Outcome, done};
use super::extract::{Body, IdempotencyKey, Named, id};
use crate::auth::Authenticated;
use crate::problem::Failed;
use crate::refusal::Faults;
use crate::state::Server;

/// Create a group. The caller is a member and its first owner.
#[utoipa::path(
    post, path = "/group/create", tag = "groups", operation_id = "create_group",
    params(("Idempotency-Key" = Option<String>, Header, description = "Retrying with the same key gives the first result.")),
    request_body = CreateGroup,
    responses((status = 201, description = "The group exists.", body = GroupCreated)),
)]
pub(super) async fn create(
    State(server): State<Server>,
    Authenticated(actor): Authenticated,
    IdempotencyKey(key): IdempotencyKey,
    Body(body): Body<CreateGroup>,
) -> Result<Created<GroupCreated>, Failed> {
    let group = group::create(&server.app, &actor, new_group(&body, key)?).await?;
    Ok(Created(GroupCreated { status: Status::GroupCreated, group_id: group.to_string() }))
}

fn new_group(
    body: &CreateGroup,
    idempotency_key: Option<ClientMessageId>,
) -> Result<NewGroup, Failed> {
    let mut faults = Faults::default();
    let name = faults.take("group_name", Name::parse(&body.group_name));
    let picture =
        faults.take_optional("picture", body.picture.as_deref(), Picture::parse).flatten();
    let participants = faults.take("participants", participants(&body.participants));
    let history = body.history_for_new_members.map(Into::into).unwrap_or_default();
    faults.or(name.zip(participants).map(|(name, participants)| NewGroup {
        settings: Settings { name, picture, history },
        participants,
        idempotency_key,
    }))
}

/// Somebody who is no id is somebody who does not exist.
fn participants(ids: &[String]) -> Result<Vec<UserId>, Fault> {
    if ids.len() > GROUP_MEMBERS_MAX {
        return Err(Fault::TooMany);
    }
    ids.iter().map(|id| id.parse().map_err(|_| Fault::Unknown)).collect()
}

/// Add somebody to a group. Admins and owners may.
#[utoipa::path(
    post, path = "/group/{group_id}/add", tag = "groups", operation_id = "add_participant",
    params(("group_id" = String, Path, description = "The group.")),
    request_body = Participant,
    responses((status = 200, description = "The person is a member.", body = Done)),
)]
pub(super) async fn add(
    State(server): State<Server>,
    Authenticated(actor): Authenticated,
    Named(group): Named<ConversationId>,
    Body(body): Body<Participant>,
) -> Outcome<Done> {
    group::add(&server.app, &actor, group, id(&body.user_id)?).await?;
    done(Status::ParticipantAdded)
}

/// Remove somebody from a group, or leave it.
#[utoipa::path(
    post, path = "/group/{group_id}/remove", tag = "groups", operation_id = "remove_participant",
    params(("group_id" = String, Path, description = "The group.")),
    request_body = Participant,
    responses((status = 200, description = "The person is no longer a member.", body = Done)),
)]
pub(super) async fn remove(
    State(server): State<Server>,
    Authenticated(actor): Authenticated,
    Named(group): Named<ConversationId>,
    Body(body): Body<Participant>,
) -> Outcome<Done> {
    group::remove(&server.app, &actor, group, id(&body.user_id)?).await?;
    done(Status::ParticipantRemoved)
}

/// Change the settings of a group. Admins and owners may.
#[utoipa::path(
    put, path = "/group/{group_id}", tag = "groups", operation_id = "update_group",
    params(("group_id" = String, Path, description = "The group.")),
    request_body = GroupUpdate,
    responses((status = 200, description = "The settings are changed.", body = Done)),
)]
pub(super) async fn update(
    State(server): State<Server>,
    Authenticated(actor): Authenticated,
    Named(group): Named<ConversationId>,
    Body(body): Body<GroupUpdate>,
) -> Outcome<Done> {
    let mut faults = Faults::default();
    let name = faults.take_optional("name", body.name.as_deref(), Name::parse);
    let picture = faults.take_optional("picture", body.picture.as_deref(), Picture::parse);
    let history = body.history_for_new_members.map(Into::into);
    let change = faults.or(Some(SettingsChange { name, picture, history }))?;
    group::configure(&server.app, &actor, group, change).await?;
    done(Status::GroupUpdated)
}

/// Give a member a role. Owners may.
#[utoipa::path(
    put, path = "/group/{group_id}/role", tag = "groups", operation_id = "set_role",
    params(("group_id" = String, Path, description = "The group.")),
    request_body = RoleChange,
    responses((status = 200, description = "The member has the role.", body = Done)),
)]
pub(super) async fn set_role(
    State(server): State<Server>,
    Authenticated(actor): Authenticated,
    Named(group): Named<ConversationId>,
    Body(body): Body<RoleChange>,
) -> Outcome<Done> {
    let change = (id(&body.user_id)?, body.role.into());
    group::set_role(&server.app, &actor, group, change).await?;
    done(Status::RoleChanged)
}

/// Hand a group over: another member becomes owner, the caller an admin.
#[utoipa::path(
    post, path = "/group/{group_id}/owner", tag = "groups", operation_id = "transfer_ownership",
    params(("group_id" = String, Path, description = "The group.")),
    request_body = Participant,
    responses((status = 200, description = "The group has another owner.", body = Done)),
)]
pub(super) async fn transfer(
    State(server): State<Server>,
    Authenticated(actor): Authenticated,
    Named(group): Named<ConversationId>,
    Body(body): Body<Participant>,
) -> Outcome<Done> {
    group::transfer_ownership(&server.app, &actor, group, id(&body.user_id)?).await?;
    done(Status::OwnershipTransferred)
}
