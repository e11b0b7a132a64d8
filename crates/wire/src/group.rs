//! Groups: creating them, their members, roles and settings.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::status::Status;

/// What a member may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Everything, also giving roles.
    Owner,
    /// Adding and removing members, changing settings, deleting messages of others.
    Admin,
    /// Reading and writing.
    Member,
}

/// What those who join later see of the time before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HistoryPolicy {
    /// Everything.
    All,
    /// Nothing: their history begins where they join.
    FromJoin,
}

impl From<domain::member::Role> for Role {
    fn from(role: domain::member::Role) -> Self {
        match role {
            domain::member::Role::Owner => Self::Owner,
            domain::member::Role::Admin => Self::Admin,
            domain::member::Role::Member => Self::Member,
        }
    }
}

impl From<Role> for domain::member::Role {
    fn from(role: Role) -> Self {
        match role {
            Role::Owner => Self::Owner,
            Role::Admin => Self::Admin,
            Role::Member => Self::Member,
        }
    }
}

impl From<domain::member::HistoryPolicy> for HistoryPolicy {
    fn from(policy: domain::member::HistoryPolicy) -> Self {
        match policy {
            domain::member::HistoryPolicy::All => Self::All,
            domain::member::HistoryPolicy::FromJoin => Self::FromJoin,
        }
    }
}

impl From<HistoryPolicy> for domain::member::HistoryPolicy {
    fn from(policy: HistoryPolicy) -> Self {
        match policy {
            HistoryPolicy::All => Self::All,
            HistoryPolicy::FromJoin => Self::FromJoin,
        }
    }
}

/// A group to create; the caller is its first owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CreateGroup {
    /// Its name.
    #[schema(example = "Hiking")]
    pub group_name: String,
    /// The other members.
    pub participants: Vec<String>,
    /// The address of a picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
    /// What those who join later see of the time before; `all` unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history_for_new_members: Option<HistoryPolicy>,
}

/// The group exists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GroupCreated {
    /// `group_created`.
    pub status: Status,
    /// The group, which is also the id of its conversation.
    pub group_id: String,
}

/// The person to add, to remove, or to hand the group to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Participant {
    /// The person.
    pub user_id: String,
}

/// Changes of a group's settings; what is absent stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GroupUpdate {
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "Hiking")]
    pub name: Option<String>,
    /// The address of a picture; empty for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
    /// What those who join later see of the time before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history_for_new_members: Option<HistoryPolicy>,
}

/// A role to give to a member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RoleChange {
    /// The member.
    pub user_id: String,
    /// The role.
    pub role: Role,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn creating_a_group_follows_the_contract() {
        let group: CreateGroup =
            crate::json::parse(br#"{"group_name":"Hiking","participants":["u1"]}"#).unwrap();
        assert_eq!(
            (group.group_name.as_str(), group.participants),
            ("Hiking", vec!["u1".to_owned()])
        );
        let answer = GroupCreated { status: Status::GroupCreated, group_id: "g1".to_owned() };
        assert_eq!(
            serde_json::to_string(&answer).unwrap(),
            r#"{"status":"group_created","group_id":"g1"}"#
        );
    }

    #[test]
    fn the_history_policies_have_their_names() {
        assert_eq!(serde_json::to_string(&HistoryPolicy::All).unwrap(), r#""all""#);
        assert_eq!(serde_json::to_string(&HistoryPolicy::FromJoin).unwrap(), r#""from_join""#);
    }
}
