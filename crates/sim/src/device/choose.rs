//! What a device does next.

use std::time::Duration;

use domain::Seq;
use hyper::Method;
use serde_json::json;
use tokio::time::Instant;

use super::{Device, ERRANDS_MAX};
use crate::deed::{self, Known, Letter, Signed};
use crate::http::Ask;
use crate::record::{self, Wish};

impl Device {
    /// Does something, and decides when to do the next thing.
    pub(super) fn act(&mut self) {
        let pause_ms = 1 + self.dice.below(self.world.plan.pause_ms_max);
        self.act_at = Instant::now() + Duration::from_millis(pause_ms);
        let chaos = self.world.plan.chaos;
        let turn = |max_ms: u64| if max_ms > 0 { pause_ms * 1000 / max_ms.max(1) } else { 0 };
        if self.dice.chance(turn(chaos.away_ms)) {
            let away = Duration::from_millis(self.dice.between(500, 40_000));
            self.note("!! is away");
            let letters = self.kill();
            self.retry(letters);
            self.away_until = Some(Instant::now() + away);
            return;
        }
        if self.dice.chance(turn(chaos.kill_ms)) {
            self.note("!! is killed");
            let letters = self.kill();
            self.retry(letters);
            return;
        }
        let mut weights = self.world.plan.weights.clone();
        if let Some(first) = weights.first_mut() {
            *first += 2;
        }
        let kind = self.dice.weighted(&weights);
        match kind {
            0 | 1 => self.send(),
            2 => {
                for _ in 0..self.dice.below(self.world.plan.burst_max) {
                    self.send();
                }
            }
            11 => self.read_over_socket(),
            13 => self.type_something(),
            23 => {
                if let Some(session) = &mut self.session {
                    session.reconnect();
                }
            }
            _ if self.errands.len() < ERRANDS_MAX => {
                if let Some(by) = self.signed.clone() {
                    let by = Signed { node: self.some_node(), ..by };
                    self.errand(kind, by);
                }
            }
            _ => {}
        }
    }

    /// What was on its way when the memory was lost is sent again by other means, or not.
    fn retry(&mut self, letters: Vec<Letter>) {
        let Some(by) = self.signed.clone() else { return };
        for letter in letters {
            if self.dice.chance(500) && self.errands.len() < ERRANDS_MAX {
                let by = Signed { node: self.some_node(), ..by.clone() };
                let letter = self.by_post(letter);
                self.errands.spawn(deed::send(self.world.clone(), by, letter));
            }
        }
    }

    /// What goes over HTTP has no order with what goes over the socket: it counts as sent by a device of its own.
    fn by_post(&mut self, letter: Letter) -> Letter {
        self.numbered += 1;
        let number = u32::try_from(self.numbered).unwrap_or_default();
        Letter { device: 1_000 * (self.number + 1) + number, only: false, ..letter }
    }

    fn read_over_socket(&mut self) {
        let heads: Vec<_> = self.heads.iter().map(|(id, seq)| (*id, *seq)).collect();
        if let (Some((id, seq)), Some(session)) = (self.dice.choose(&heads), &mut self.session) {
            session.read(*id, *seq);
        }
    }

    fn type_something(&mut self) {
        let somewhere = self.somewhere();
        if let (Some((id, _)), Some(session)) = (somewhere, &mut self.session) {
            session.typing(id);
        }
    }

    fn errand(&mut self, kind: usize, by: Signed) {
        match kind {
            3..=5 => self.post(kind, by),
            6..=10 => self.change(kind, by),
            12 | 14 | 15 | 16 | 24 => self.look(kind, by),
            17..=20 => self.govern(kind, by),
            21 => self.block(by),
            22 => self.leave(by),
            _ => {}
        }
    }

    fn post(&mut self, kind: usize, by: Signed) {
        let old = self.sent.clone();
        let letter = if kind == 5 { self.dice.choose(&old).cloned() } else { self.compose() };
        let Some(letter) = letter else { return };
        let letter = Letter { only: kind == 3, ..self.by_post(letter) };
        if kind == 4 {
            let other = Signed { node: self.some_node(), ..by.clone() };
            let copy = self.by_post(letter.clone());
            self.errands.spawn(deed::send(self.world.clone(), other, copy));
        }
        self.errands.spawn(deed::send(self.world.clone(), by, letter));
    }

    fn some_known(&mut self, mine: bool) -> Option<Known> {
        let me = self.person.user.to_string();
        let known: Vec<Known> =
            self.known.iter().filter(|known| !mine || known.sender == me).cloned().collect();
        self.dice.choose(&known).cloned()
    }

    fn change(&mut self, kind: usize, by: Signed) {
        let mine = matches!(kind, 6 | 7);
        let Some(known) = self.some_known(mine) else { return };
        let path = format!("/message/{}", known.id);
        let world = self.world.clone();
        match kind {
            6 => {
                self.numbered += 1;
                let text = record::edited(&known.text, self.numbered);
                let ask = Ask::new(Method::PUT, path, json!({ "message": text }));
                self.errands.spawn(deed::just(world, by, ask));
            }
            7 | 8 => {
                self.errands.spawn(deed::delete(world, by, known));
            }
            _ => {
                let method = if kind == 9 { Method::POST } else { Method::DELETE };
                let emoji = if self.dice.chance(500) { "👍" } else { "🎉" };
                let body = json!({ "emoji": emoji });
                let ask = Ask::new(method, format!("{path}/reaction"), body);
                self.errands.spawn(deed::just(world, by, ask));
            }
        }
    }

    fn look(&mut self, kind: usize, by: Signed) {
        let world = self.world.clone();
        let heads: Vec<_> = self.heads.iter().map(|(id, seq)| (*id, *seq)).collect();
        let Some((id, seq)) = self.dice.choose(&heads).copied() else { return };
        let back = Seq::new(seq.number().saturating_sub(self.dice.below(30)));
        match kind {
            12 => {
                self.errands.spawn(deed::read(world, by, (id, seq)));
            }
            14 => {
                self.errands.spawn(deed::peek(world, by, (id, back)));
            }
            15 => {
                let path = format!("/message/history?conversation_id={id}&limit=30");
                self.errands.spawn(deed::just(world, by, Ask::get(path)));
            }
            24 => {
                let body = json!({ "muted": self.dice.chance(700) });
                let path = format!("/conversation/{id}/mute");
                self.errands.spawn(deed::just(world, by, Ask::new(Method::PUT, path, body)));
            }
            _ => {
                self.errands.spawn(deed::just(world, by, Ask::get("/conversations".to_owned())));
            }
        }
    }

    fn govern(&mut self, kind: usize, by: Signed) {
        let groups = self.world.groups.lock().clone();
        let group = self.dice.choose(&groups).copied();
        let (Some(group), Some(other)) = (group, self.somebody()) else { return };
        let user = if self.dice.chance(200) { self.person.user } else { other };
        let participant = json!({ "user_id": user.to_string() });
        let ask = match kind {
            17 => Ask::new(Method::POST, format!("/group/{group}/add"), participant),
            18 => Ask::new(Method::POST, format!("/group/{group}/remove"), participant),
            19 => {
                let role = *self.dice.choose(&["admin", "member", "owner"]).unwrap_or(&"member");
                let body = json!({ "user_id": user.to_string(), "role": role });
                Ask::new(Method::PUT, format!("/group/{group}/role"), body)
            }
            _ if groups.len() < 4 && self.dice.chance(200) => {
                let world = self.world.clone();
                self.errands.spawn(deed::found(world, by, (vec![other], "all")));
                return;
            }
            _ => {
                let policy = *self.dice.choose(&["all", "from_join"]).unwrap_or(&"all");
                let body = json!({ "history_for_new_members": policy });
                Ask::new(Method::PUT, format!("/group/{group}"), body)
            }
        };
        self.errands.spawn(deed::just(self.world.clone(), by, ask));
    }

    fn block(&mut self, by: Signed) {
        let Some(other) = self.somebody() else { return };
        let wish = if self.dice.chance(400) { Wish::Block } else { Wish::Unblock };
        self.errands.spawn(deed::block(self.world.clone(), by, (other, wish)));
    }

    /// Signs out, or ends a session of the same person: that of another device, its own, or one that is over.
    fn leave(&mut self, by: Signed) {
        let session = match self.dice.below(10) {
            0..3 => None,
            3..5 => {
                let all = self.world.sessions.lock().clone();
                let mine: Vec<_> = all.iter().filter(|(user, _)| *user == by.user).collect();
                self.dice.choose(&mine).map(|(_, session)| *session)
            }
            _ => return,
        };
        self.errands.spawn(deed::end_session(self.world.clone(), by, session));
    }
}
