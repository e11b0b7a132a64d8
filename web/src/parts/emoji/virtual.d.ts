/** The emoji of a language by group; made while building, see `emoji-data.ts`. */
declare module "virtual:emoji/*" {
  const groups: [emoji: string, name: string, tags: string][][];
  export default groups;
}
