import { PASSWORD, Person } from "./harness/person";
import { expect, test } from "./harness/test";

test("the first to register is told that they run the server, and finds a friend", async ({ own, stranger }) => {
  const kith = await own();
  const { page } = await stranger(kith);
  await page.goto("/");
  await expect(page).toHaveURL(/\/sign-in/);
  await page.getByRole("link", { name: /create|sign up|register/i }).click();
  await expect(page).toHaveURL(/\/sign-up/);
  const form = page.getByTestId("sign-up-form");
  await form.getByLabel(/your name/i).fill("Anna Berg");
  await form.getByLabel(/e-?mail/i).fill("anna@example.org");
  await form.getByLabel(/username/i).fill("anna");
  await form.locator("input[autocomplete=new-password]").fill(PASSWORD);
  await form.getByRole("button", { name: /create|sign up/i }).click();
  await expect(page.getByTestId("operator-welcome")).toBeVisible();
  await expect(page).toHaveURL(/\/$/);

  const ben = await Person.register(kith, "Ben");
  await page.getByTestId("search-field").fill(ben.username);
  await page.getByTestId("person-result").filter({ hasText: "Ben" }).click();
  // Nothing was written yet, which is no error.
  await expect(page.getByText("Say hello to Ben.")).toBeVisible();
  await expect(page.getByRole("region", { name: "Notices" })).toHaveText("");
  await page.getByTestId("composer-field").fill("Hello, Ben!");
  await page.getByTestId("composer-field").press("Enter");
  await expect(page.getByTestId("message")).toHaveAttribute("data-state", "sent");
  const anna = await Person.known(kith, "Anna Berg", "anna");
  expect((await ben.history(anna.user_id)).map((message) => message.text)).toEqual(["Hello, Ben!"]);
});

test("what is not there is said to be not there", async ({ person, browse }) => {
  const anna = await person("Anna");
  const device = await browse(anna, `/c/u${"0".repeat(26)}`);
  device.watch.expectNetworkErrors();
  await expect(device.page.getByText("There is nothing here")).toBeVisible();
  await device.page.getByRole("button", { name: "To my conversations" }).click();
  await expect(device.page).toHaveURL(/\/$/);
});

test("a wrong password is said where it was typed, and the right one signs in", async ({ person, stranger }) => {
  const anna = await person("Anna");
  const { page } = await stranger();
  await page.goto("/sign-in");
  const form = page.getByTestId("sign-in-form");
  const password = form.locator("input[autocomplete=current-password]");
  await form.locator("input[autocomplete=username]").fill(anna.username);
  await password.fill("not the right one");
  await password.press("Enter");
  await expect(form.getByRole("alert")).toBeVisible();
  await password.fill(PASSWORD);
  await password.press("Enter");
  await expect(page.getByTestId("conversation-list")).toBeVisible();
});

test("an address that is taken is refused at its field", async ({ person, stranger }) => {
  const anna = await person("Anna");
  const { page } = await stranger();
  await page.goto("/sign-up");
  const form = page.getByTestId("sign-up-form");
  await form.getByLabel(/your name/i).fill("Another");
  await form.getByLabel(/e-?mail/i).fill(`${anna.username}@example.org`);
  await form.locator("input[autocomplete=new-password]").fill(PASSWORD);
  await form.getByRole("button", { name: /create|sign up/i }).click();
  await expect(form.getByRole("alert").first()).toBeVisible();
  await expect(page).toHaveURL(/\/sign-up/);
});
