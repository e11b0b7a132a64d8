//! By which words a person is found: brought up to date after a change of name, username or privacy.

use domain::UserId;
use domain::text::search_words;
use store::tables::directory as table;
use store::tables::{account, preference};
use store::{Batch, Partition, Space, Write};

use crate::{App, Failure};

pub(super) async fn update(app: &App, user: UserId) -> Result<(), Failure> {
    let Some((stored, _)) = account::get(app.store(), user).await? else {
        return Ok(());
    };
    let (preferences, _) = preference::get(app.store(), user).await?;
    commit(app, table::everybody_partition(), table::put_everybody(user)).await?;
    let mut wanted = Vec::new();
    if preferences.privacy.discoverable && !stored.account.disabled {
        wanted.extend(search_words(&stored.account.name, stored.account.username.as_ref()));
    }
    let indexed = table::indexed(app.store(), user).await?;
    let all = [indexed.clone(), wanted.clone()].concat();
    commit(app, Partition::User(user), table::put_indexed(&all)).await?;
    for word in wanted.iter().filter(|word| !indexed.contains(word)) {
        commit(app, table::partition(word), table::put(word, user)).await?;
    }
    for word in indexed.iter().filter(|word| !wanted.contains(word)) {
        commit(app, table::partition(word), table::remove(word, user)).await?;
    }
    commit(app, Partition::User(user), table::put_indexed(&wanted)).await
}

async fn commit(app: &App, partition: Partition, write: Write) -> Result<(), Failure> {
    let batch = Batch { writes: vec![write], space: Space::Essential, ..Batch::new(partition) };
    app.store().commit(batch).await?;
    Ok(())
}
