//! The table. One line is one operation upon one object; one column is one caller.
//!
//! | cell | answer |
//! |---|---|
//! | `OK` | done |
//! | `NF` | not found: it does not exist, or the caller may not know that it does |
//! | `UA` | unauthenticated |
//! | `NY` `NS` `NA` `NO` `NP` | forbidden: it is not the caller's own; only for the sender, admins, owners, operators |
//! | `BO` `BY` | forbidden: blocked by the other person; blocked by the caller |
//! | `DE` `NM` `NG` `AM` | conflict: it is deleted; is no message; is no group; is a member already |
//! | `UU` `UP` `UR` | not acceptable: the user, a participant, the message answered is not one that can be named here |
//!
//! Where nothing stands before the bar, whoever is not signed in is unauthenticated.

use super::Answer;
use super::{Object, Principal, Row};
use crate::refusal::{Fault, Reason};

const OK: Answer = Answer::Done;
const NF: Answer = Answer::NotFound;
const UA: Answer = Answer::Unauthenticated;
const NY: Answer = Answer::Forbidden(Reason::NotYourself);
const NS: Answer = Answer::Forbidden(Reason::NeedsSender);
const NA: Answer = Answer::Forbidden(Reason::NeedsAdmin);
const NO: Answer = Answer::Forbidden(Reason::NeedsOwner);
const NP: Answer = Answer::Forbidden(Reason::NeedsOperator);
const BO: Answer = Answer::Forbidden(Reason::NotAccepted);
const BY: Answer = Answer::Forbidden(Reason::BlockedByYou);
const DE: Answer = Answer::Conflict(Reason::Deleted);
const NM: Answer = Answer::Conflict(Reason::NotAMessage);
const NG: Answer = Answer::Conflict(Reason::NotAGroup);
const AM: Answer = Answer::Conflict(Reason::AlreadyMember);
const UU: Answer = Answer::Unacceptable("user_id", Fault::Unknown);
const UP: Answer = Answer::Unacceptable("participants", Fault::Unknown);
const UR: Answer = Answer::Unacceptable("reply_to", Fault::Unknown);

macro_rules! table {
    ($($operation:ident $object:ident $($guest:ident)* | $($cell:ident)+ ;)+) => {
        &[$(row(stringify!($operation), Object::$object, &[$($guest),*], [$($cell),+])),+]
    };
}

const fn row(
    operation: &'static str,
    object: Object,
    guests: &[Answer],
    signed_in: [Answer; 9],
) -> Row {
    let guests = match guests {
        [] => [UA; 4],
        [nobody, expired, revoked, disabled] => [*nobody, *expired, *revoked, *disabled],
        _ => panic!("four columns stand before the bar, or none"),
    };
    let [a, b, c, d] = guests;
    let [e, f, g, h, i, j, k, l, m] = signed_in;
    let answers: [Answer; Principal::ALL.len()] = [a, b, c, d, e, f, g, h, i, j, k, l, m];
    Row { operation, object, answers }
}

/// Accounts, sessions, people, preferences, and what operators see.
pub(super) const PEOPLE: &[Row] = table! {
    //                         nobody          stranger     former      admin
    //                            expired         blocked      member      owner
    //                               revoked         blocking     author      operator
    //                                  disabled
    register        Nothing        OK OK OK OK | OK OK OK OK OK OK OK OK OK;
    login           Nothing        UA OK OK UA | OK OK OK OK OK OK OK OK OK;
    refresh         Nothing        UA OK UA UA | OK OK OK OK OK OK OK OK OK;
    open_socket     Nothing        OK OK OK OK | OK OK OK OK OK OK OK OK OK;
    logout          Nothing                    | OK OK OK OK OK OK OK OK OK;
    list_sessions   Nothing                    | OK OK OK OK OK OK OK OK OK;
    revoke_session  OwnSession                 | OK OK OK OK OK OK OK OK OK;
    revoke_session  OthersSession              | NF NF NF NF NF NF NF NF NF;
    revoke_session  AbsentSession              | NF NF NF NF NF NF NF NF NF;
    revoke_session  OtherKind                  | NF NF NF NF NF NF NF NF NF;
    revoke_session  Malformed                  | NF NF NF NF NF NF NF NF NF;

    get_preferences Nothing                    | OK OK OK OK OK OK OK OK OK;
    put_preferences Nothing                    | OK OK OK OK OK OK OK OK OK;
    search_users    Nothing                    | OK OK OK OK OK OK OK OK OK;
    list_blocked    Nothing                    | OK OK OK OK OK OK OK OK OK;
    update_profile  Oneself                    | OK OK OK OK OK OK OK OK OK;
    update_profile  Other                      | NY NY NY NY NY NY NY NY NY;
    update_profile  AbsentUser                 | NY NY NY NY NY NY NY NY NY;
    update_profile  DisabledUser               | NY NY NY NY NY NY NY NY NY;
    update_profile  OtherKind                  | NY NY NY NY NY NY NY NY NY;
    update_profile  Malformed                  | NY NY NY NY NY NY NY NY NY;
    get_user        Oneself                    | OK OK OK OK OK OK OK OK OK;
    get_user        Other                      | OK OK OK OK OK OK OK OK OK;
    get_user        AbsentUser                 | NF NF NF NF NF NF NF NF NF;
    get_user        DisabledUser               | NF NF NF NF NF NF NF NF NF;
    get_user        OtherKind                  | NF NF NF NF NF NF NF NF NF;
    get_user        Malformed                  | NF NF NF NF NF NF NF NF NF;
    block_user      Oneself                    | UU UU UU UU UU UU UU UU UU;
    block_user      Other                      | OK OK OK OK OK OK OK OK OK;
    block_user      AbsentUser                 | NF NF NF NF NF NF NF NF NF;
    block_user      DisabledUser               | OK OK OK OK OK OK OK OK OK;
    block_user      OtherKind                  | NF NF NF NF NF NF NF NF NF;
    block_user      Malformed                  | NF NF NF NF NF NF NF NF NF;
    unblock_user    Oneself                    | OK OK OK OK OK OK OK OK OK;
    unblock_user    Other                      | OK OK OK OK OK OK OK OK OK;
    unblock_user    AbsentUser                 | OK OK OK OK OK OK OK OK OK;
    unblock_user    DisabledUser               | OK OK OK OK OK OK OK OK OK;
    unblock_user    OtherKind                  | NF NF NF NF NF NF NF NF NF;
    unblock_user    Malformed                  | NF NF NF NF NF NF NF NF NF;

    message_statistics Nothing                 | NP NP NP NP NP NP NP NP OK;
    system_health      Nothing                 | NP NP NP NP NP NP NP NP OK;
};

/// The inbox, and single conversations.
pub(super) const CONVERSATIONS: &[Row] = table! {
    //                             stranger     former      admin
    //                                blocked      member      owner
    //                                   blocking     author      operator
    list_conversations Nothing      | OK OK OK OK OK OK OK OK OK;

    get_conversation   Group        | NF NF NF NF OK OK OK OK NF;
    get_conversation   Direct       | NF OK OK NF OK OK OK OK NF;
    get_conversation   Other        | NF OK OK NF OK OK OK OK NF;
    get_conversation   OthersDirect | NF NF NF NF NF NF NF NF NF;
    get_conversation   AbsentGroup  | NF NF NF NF NF NF NF NF NF;
    get_conversation   AbsentDirect | NF NF NF NF NF NF NF NF NF;
    get_conversation   AbsentUser   | NF NF NF NF NF NF NF NF NF;
    get_conversation   DisabledUser | NF NF NF NF NF NF NF NF NF;
    get_conversation   OtherKind    | NF NF NF NF NF NF NF NF NF;
    get_conversation   Malformed    | NF NF NF NF NF NF NF NF NF;

    read_conversation  Group        | NF NF NF NF OK OK OK OK NF;
    read_conversation  Direct       | NF OK OK NF OK OK OK OK NF;
    read_conversation  Other        | NF OK OK NF OK OK OK OK NF;
    read_conversation  OthersDirect | NF NF NF NF NF NF NF NF NF;
    read_conversation  AbsentGroup  | NF NF NF NF NF NF NF NF NF;
    read_conversation  AbsentDirect | NF NF NF NF NF NF NF NF NF;
    read_conversation  AbsentUser   | NF NF NF NF NF NF NF NF NF;
    read_conversation  DisabledUser | NF NF NF NF NF NF NF NF NF;
    read_conversation  OtherKind    | NF NF NF NF NF NF NF NF NF;
    read_conversation  Malformed    | NF NF NF NF NF NF NF NF NF;

    mute_conversation  Group        | NF NF NF NF OK OK OK OK NF;
    mute_conversation  Direct       | NF OK OK NF OK OK OK OK NF;
    mute_conversation  Other        | NF OK OK NF OK OK OK OK NF;
    mute_conversation  OthersDirect | NF NF NF NF NF NF NF NF NF;
    mute_conversation  AbsentGroup  | NF NF NF NF NF NF NF NF NF;
    mute_conversation  AbsentDirect | NF NF NF NF NF NF NF NF NF;
    mute_conversation  AbsentUser   | NF NF NF NF NF NF NF NF NF;
    mute_conversation  DisabledUser | NF NF NF NF NF NF NF NF NF;
    mute_conversation  OtherKind    | NF NF NF NF NF NF NF NF NF;
    mute_conversation  Malformed    | NF NF NF NF NF NF NF NF NF;

    // A conversation that has not begun is empty for both.
    message_history    Group        | NF NF NF NF OK OK OK OK NF;
    message_history    EarlyMessage | NF NF NF NF OK OK OK OK NF;
    message_history    Direct       | NF OK OK NF OK OK OK OK NF;
    message_history    Other        | OK OK OK OK OK OK OK OK OK;
    message_history    OthersDirect | NF NF NF NF NF NF NF NF NF;
    message_history    AbsentGroup  | NF NF NF NF NF NF NF NF NF;
    message_history    AbsentDirect | NF NF NF NF NF NF NF NF NF;
    message_history    AbsentUser   | NF NF NF NF NF NF NF NF NF;
    message_history    DisabledUser | NF NF NF NF NF NF NF NF NF;
    message_history    OtherKind    | NF NF NF NF NF NF NF NF NF;
    message_history    Malformed    | NF NF NF NF NF NF NF NF NF;
};

/// Sending, reading and changing messages.
pub(super) const MESSAGES: &[Row] = table! {
    //                                  stranger     former      admin
    //                                     blocked      member      owner
    //                                        blocking     author      operator
    send_message    Group                | NF NF NF NF OK OK OK OK NF;
    send_message    GroupReplyToEarly    | NF NF NF NF UR UR UR UR NF;
    send_message    GroupAsOther         | NY NY NY NY NY NY NY NY NY;
    send_message    Direct               | NF BO BY NF OK OK OK OK NF;
    send_message    Other                | OK BO BY OK OK OK OK OK OK;
    send_message    Oneself              | OK OK OK OK OK OK OK OK OK;
    send_message    OthersDirect         | NF NF NF NF NF NF NF NF NF;
    send_message    AbsentGroup          | NF NF NF NF NF NF NF NF NF;
    send_message    AbsentDirect         | NF NF NF NF NF NF NF NF NF;
    send_message    AbsentUser           | NF NF NF NF NF NF NF NF NF;
    send_message    DisabledUser         | NF NF NF NF NF NF NF NF NF;
    send_message    OtherKind            | NF NF NF NF NF NF NF NF NF;
    send_message    Malformed            | NF NF NF NF NF NF NF NF NF;

    get_message     Message              | NF NF NF NF OK OK OK OK NF;
    get_message     DeletedMessage       | NF NF NF NF OK OK OK OK NF;
    get_message     EarlyMessage         | NF NF NF NF NF NF NF NF NF;
    get_message     MemberEvent          | NF NF NF NF NF NF NF NF NF;
    get_message     BeyondHead           | NF NF NF NF NF NF NF NF NF;
    get_message     DirectMessage        | NF OK OK NF OK OK OK OK NF;
    get_message     OwnDirectMessage     | NF OK OK NF OK OK OK OK NF;
    get_message     OthersDirectMessage  | NF NF NF NF NF NF NF NF NF;
    get_message     MessageOfAbsentGroup | NF NF NF NF NF NF NF NF NF;
    get_message     OtherKind            | NF NF NF NF NF NF NF NF NF;
    get_message     Malformed            | NF NF NF NF NF NF NF NF NF;

    edit_message    Message              | NF NF NF NF NS OK NS NS NF;
    edit_message    DeletedMessage       | NF NF NF NF NS DE NS NS NF;
    edit_message    EarlyMessage         | NF NF NF NF NF NF NF NF NF;
    edit_message    MemberEvent          | NF NF NF NF NM NM NM NM NF;
    edit_message    BeyondHead           | NF NF NF NF NF NF NF NF NF;
    edit_message    DirectMessage        | NF NS NS NF NS NS NS NS NF;
    edit_message    OwnDirectMessage     | NF BO BY NF OK OK OK OK NF;
    edit_message    OthersDirectMessage  | NF NF NF NF NF NF NF NF NF;
    edit_message    MessageOfAbsentGroup | NF NF NF NF NF NF NF NF NF;
    edit_message    OtherKind            | NF NF NF NF NF NF NF NF NF;
    edit_message    Malformed            | NF NF NF NF NF NF NF NF NF;

    delete_message  Message              | NF NF NF NF NS OK OK OK NF;
    delete_message  DeletedMessage       | NF NF NF NF NS OK OK OK NF;
    delete_message  EarlyMessage         | NF NF NF NF NF NF NF NF NF;
    delete_message  MemberEvent          | NF NF NF NF NM NM NM NM NF;
    delete_message  BeyondHead           | NF NF NF NF NF NF NF NF NF;
    delete_message  DirectMessage        | NF NS NS NF NS NS NS NS NF;
    delete_message  OwnDirectMessage     | NF OK OK NF OK OK OK OK NF;
    delete_message  OthersDirectMessage  | NF NF NF NF NF NF NF NF NF;
    delete_message  MessageOfAbsentGroup | NF NF NF NF NF NF NF NF NF;
    delete_message  OtherKind            | NF NF NF NF NF NF NF NF NF;
    delete_message  Malformed            | NF NF NF NF NF NF NF NF NF;

    add_reaction    Message              | NF NF NF NF OK OK OK OK NF;
    add_reaction    DeletedMessage       | NF NF NF NF DE DE DE DE NF;
    add_reaction    EarlyMessage         | NF NF NF NF NF NF NF NF NF;
    add_reaction    MemberEvent          | NF NF NF NF NM NM NM NM NF;
    add_reaction    BeyondHead           | NF NF NF NF NF NF NF NF NF;
    add_reaction    DirectMessage        | NF BO BY NF OK OK OK OK NF;
    add_reaction    OwnDirectMessage     | NF BO BY NF OK OK OK OK NF;
    add_reaction    OthersDirectMessage  | NF NF NF NF NF NF NF NF NF;
    add_reaction    MessageOfAbsentGroup | NF NF NF NF NF NF NF NF NF;
    add_reaction    OtherKind            | NF NF NF NF NF NF NF NF NF;
    add_reaction    Malformed            | NF NF NF NF NF NF NF NF NF;

    remove_reaction Message              | NF NF NF NF OK OK OK OK NF;
    remove_reaction DeletedMessage       | NF NF NF NF DE DE DE DE NF;
    remove_reaction EarlyMessage         | NF NF NF NF NF NF NF NF NF;
    remove_reaction MemberEvent          | NF NF NF NF NM NM NM NM NF;
    remove_reaction BeyondHead           | NF NF NF NF NF NF NF NF NF;
    remove_reaction DirectMessage        | NF OK OK NF OK OK OK OK NF;
    remove_reaction OwnDirectMessage     | NF OK OK NF OK OK OK OK NF;
    remove_reaction OthersDirectMessage  | NF NF NF NF NF NF NF NF NF;
    remove_reaction MessageOfAbsentGroup | NF NF NF NF NF NF NF NF NF;
    remove_reaction OtherKind            | NF NF NF NF NF NF NF NF NF;
    remove_reaction Malformed            | NF NF NF NF NF NF NF NF NF;
};

/// Founding and changing groups.
pub(super) const GROUPS: &[Row] = table! {
    //                                       stranger     former      admin
    //                                          blocked      member      owner
    //                                             blocking     author      operator
    create_group       Other                  | OK BO BY OK OK OK OK OK OK;
    create_group       Oneself                | OK OK OK OK OK OK OK OK OK;
    create_group       AbsentUser             | UP UP UP UP UP UP UP UP UP;
    create_group       DisabledUser           | UP UP UP UP UP UP UP UP UP;
    create_group       OtherKind              | UP UP UP UP UP UP UP UP UP;
    create_group       Malformed              | UP UP UP UP UP UP UP UP UP;

    update_group       Group                  | NF NF NF NF NA NA OK OK NF;
    update_group       Direct                 | NF NG NG NF NG NG NG NG NF;
    update_group       OthersDirect           | NF NF NF NF NF NF NF NF NF;
    update_group       AbsentGroup            | NF NF NF NF NF NF NF NF NF;
    update_group       OtherKind              | NF NF NF NF NF NF NF NF NF;
    update_group       Malformed              | NF NF NF NF NF NF NF NF NF;

    add_participant    Group                  | NF NF NF NF NA NA OK OK NF;
    add_participant    GroupAndMember         | NF NF NF NF NA NA AM AM NF;
    add_participant    GroupAndAbsentUser     | NF NF NF NF NA NA NF NF NF;
    add_participant    GroupAndDisabledUser   | NF NF NF NF NA NA NF NF NF;
    add_participant    Direct                 | NF NG NG NF NG NG NG NG NF;
    add_participant    OthersDirect           | NF NF NF NF NF NF NF NF NF;
    add_participant    AbsentGroup            | NF NF NF NF NF NF NF NF NF;
    add_participant    OtherKind              | NF NF NF NF NF NF NF NF NF;
    add_participant    Malformed              | NF NF NF NF NF NF NF NF NF;

    remove_participant Group                  | NF NF NF NF NA NA OK OK NF;
    remove_participant GroupAndOneself        | NF NF NF NF OK OK OK OK NF;
    remove_participant GroupAndOwner          | NF NF NF NF NO NO NO OK NF;
    remove_participant GroupAndOutsider       | NF NF NF NF UU UU UU UU NF;
    remove_participant GroupAndAbsentUser     | NF NF NF NF UU UU UU UU NF;
    remove_participant GroupAndDisabledUser   | NF NF NF NF UU UU UU UU NF;
    remove_participant Direct                 | NF NG NG NF NG NG NG NG NF;
    remove_participant OthersDirect           | NF NF NF NF NF NF NF NF NF;
    remove_participant AbsentGroup            | NF NF NF NF NF NF NF NF NF;
    remove_participant OtherKind              | NF NF NF NF NF NF NF NF NF;
    remove_participant Malformed              | NF NF NF NF NF NF NF NF NF;

    set_role           Group                  | NF NF NF NF NO NO NO OK NF;
    set_role           GroupAndOneself        | NF NF NF NF NO NO NO OK NF;
    set_role           GroupAndOutsider       | NF NF NF NF NO NO NO UU NF;
    set_role           GroupAndAbsentUser     | NF NF NF NF NO NO NO UU NF;
    set_role           GroupAndDisabledUser   | NF NF NF NF NO NO NO UU NF;
    set_role           Direct                 | NF NG NG NF NG NG NG NG NF;
    set_role           OthersDirect           | NF NF NF NF NF NF NF NF NF;
    set_role           AbsentGroup            | NF NF NF NF NF NF NF NF NF;
    set_role           OtherKind              | NF NF NF NF NF NF NF NF NF;
    set_role           Malformed              | NF NF NF NF NF NF NF NF NF;

    transfer_ownership Group                  | NF NF NF NF NO NO NO OK NF;
    transfer_ownership GroupAndOneself        | NF NF NF NF NO NO NO OK NF;
    transfer_ownership GroupAndOutsider       | NF NF NF NF NO NO NO UU NF;
    transfer_ownership GroupAndAbsentUser     | NF NF NF NF NO NO NO UU NF;
    transfer_ownership GroupAndDisabledUser   | NF NF NF NF NO NO NO UU NF;
    transfer_ownership Direct                 | NF NG NG NF NG NG NG NG NF;
    transfer_ownership OthersDirect           | NF NF NF NF NF NF NF NF NF;
    transfer_ownership AbsentGroup            | NF NF NF NF NF NF NF NF NF;
    transfer_ownership OtherKind              | NF NF NF NF NF NF NF NF NF;
    transfer_ownership Malformed              | NF NF NF NF NF NF NF NF NF;
};

/// What clients say on the socket.
pub(super) const FRAMES: &[Row] = table! {
    //                                stranger     former      admin
    //                                   blocked      member      owner
    //                                      blocking     author      operator
    frame_hello  Nothing           | OK OK OK OK OK OK OK OK OK;
    frame_ping   Nothing           | OK OK OK OK OK OK OK OK OK;
    frame_heads  Nothing           | OK OK OK OK OK OK OK OK OK;
    frame_acked  Nothing           | OK OK OK OK OK OK OK OK OK;

    frame_send   Group             | NF NF NF NF OK OK OK OK NF;
    frame_send   GroupReplyToEarly | NF NF NF NF UR UR UR UR NF;
    frame_send   Direct            | NF BO BY NF OK OK OK OK NF;
    frame_send   Other             | OK BO BY OK OK OK OK OK OK;
    frame_send   Oneself           | OK OK OK OK OK OK OK OK OK;
    frame_send   OthersDirect      | NF NF NF NF NF NF NF NF NF;
    frame_send   AbsentGroup       | NF NF NF NF NF NF NF NF NF;
    frame_send   AbsentDirect      | NF NF NF NF NF NF NF NF NF;
    frame_send   AbsentUser        | NF NF NF NF NF NF NF NF NF;
    frame_send   DisabledUser      | NF NF NF NF NF NF NF NF NF;
    frame_send   OtherKind         | NF NF NF NF NF NF NF NF NF;
    frame_send   Malformed         | NF NF NF NF NF NF NF NF NF;

    frame_pull   Group             | NF NF NF NF OK OK OK OK NF;
    frame_pull   Direct            | NF OK OK NF OK OK OK OK NF;
    frame_pull   Other             | NF OK OK NF OK OK OK OK NF;
    frame_pull   OthersDirect      | NF NF NF NF NF NF NF NF NF;
    frame_pull   AbsentGroup       | NF NF NF NF NF NF NF NF NF;
    frame_pull   AbsentDirect      | NF NF NF NF NF NF NF NF NF;
    frame_pull   AbsentUser        | NF NF NF NF NF NF NF NF NF;
    frame_pull   DisabledUser      | NF NF NF NF NF NF NF NF NF;
    frame_pull   OtherKind         | NF NF NF NF NF NF NF NF NF;
    frame_pull   Malformed         | NF NF NF NF NF NF NF NF NF;

    frame_delivered Group          | NF NF NF NF OK OK OK OK NF;
    frame_delivered Direct         | NF OK OK NF OK OK OK OK NF;
    frame_delivered Other          | NF OK OK NF OK OK OK OK NF;
    frame_delivered OthersDirect   | NF NF NF NF NF NF NF NF NF;
    frame_delivered AbsentGroup    | NF NF NF NF NF NF NF NF NF;
    frame_delivered AbsentDirect   | NF NF NF NF NF NF NF NF NF;
    frame_delivered AbsentUser     | NF NF NF NF NF NF NF NF NF;
    frame_delivered DisabledUser   | NF NF NF NF NF NF NF NF NF;
    frame_delivered OtherKind      | NF NF NF NF NF NF NF NF NF;
    frame_delivered Malformed      | NF NF NF NF NF NF NF NF NF;

    frame_read   Group             | NF NF NF NF OK OK OK OK NF;
    frame_read   Direct            | NF OK OK NF OK OK OK OK NF;
    frame_read   Other             | NF OK OK NF OK OK OK OK NF;
    frame_read   OthersDirect      | NF NF NF NF NF NF NF NF NF;
    frame_read   AbsentGroup       | NF NF NF NF NF NF NF NF NF;
    frame_read   AbsentDirect      | NF NF NF NF NF NF NF NF NF;
    frame_read   AbsentUser        | NF NF NF NF NF NF NF NF NF;
    frame_read   DisabledUser      | NF NF NF NF NF NF NF NF NF;
    frame_read   OtherKind         | NF NF NF NF NF NF NF NF NF;
    frame_read   Malformed         | NF NF NF NF NF NF NF NF NF;

    frame_typing Group             | NF NF NF NF OK OK OK OK NF;
    frame_typing Direct            | NF OK OK NF OK OK OK OK NF;
    frame_typing Other             | NF OK OK NF OK OK OK OK NF;
    frame_typing OthersDirect      | NF NF NF NF NF NF NF NF NF;
    frame_typing AbsentGroup       | NF NF NF NF NF NF NF NF NF;
    frame_typing AbsentDirect      | NF NF NF NF NF NF NF NF NF;
    frame_typing AbsentUser        | NF NF NF NF NF NF NF NF NF;
    frame_typing DisabledUser      | NF NF NF NF NF NF NF NF NF;
    frame_typing OtherKind         | NF NF NF NF NF NF NF NF NF;
    frame_typing Malformed         | NF NF NF NF NF NF NF NF NF;
};
