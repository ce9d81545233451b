/** A description of many domains, as large systems have them: drivers, virtualisers, clients and guests, each with regions and channels. */

/** So many domains at a few priorities, joined in ways that repeat; with a name as long as names may be. */
export function manyDomains(count: number): string {
  const domains: string[] = [];
  const channels: string[] = [];
  const regions: string[] = [];
  const maps = Array.from({ length: count }, (): string[] => []);
  const ids = Array.from({ length: count }, () => 0);
  const nextId = (index: number): number => {
    const id = ids[index] ?? 0;
    ids[index] = id + 1;
    return id;
  };
  const region = (name: string, owners: readonly number[], attributes = 'size="0x4000"'): void => {
    regions.push(`  <memory_region name="${name}" ${attributes} />`);
    for (const [index, owner] of owners.entries())
      maps[owner]?.push(
        `<map mr="${name}" vaddr="0x${(0x2000_0000 + regions.length * 0x20_0000).toString(16)}" perms="${index === 0 ? 'rw' : 'r'}" />`,
      );
  };
  for (let index = 1; index < count; index += 1) {
    const peer = Math.floor(index / 3);
    channels.push(
      `  <channel><end pd="${nameOf(peer)}" id="${nextId(peer)}" /><end pd="${nameOf(index)}" id="${nextId(index)}" ${index % 4 === 0 ? 'pp="true"' : ''} /></channel>`,
    );
    region(`queue_${index}`, [peer, index]);
    if (index % 5 === 0)
      region(
        `shared_by_three_${index}`,
        [index, peer, (index * 7) % count].filter((each, at, all) => all.indexOf(each) === at),
      );
    if (index % 2 === 0)
      region(
        `registers_of_${index}`,
        [index],
        `size="0x1000" phys_addr="0x${(0x9000_0000 + index * 0x1000).toString(16)}"`,
      );
  }
  region('nobodys', []);
  for (let index = 0; index < count; index += 1) {
    const guest =
      index % 6 === 5
        ? `<virtual_machine name="guest_${index}" priority="1"><vcpu id="0" /><map mr="ram_${index}" vaddr="0x40000000" perms="rwx" /></virtual_machine>`
        : '';
    if (guest !== '')
      regions.push(
        `  <memory_region name="ram_${index}" size="0x10000000" page_size="0x200000" phys_addr="0x${(0x1_0000_0000 + index * 0x1000_0000).toString(16)}" />`,
      );
    const irq = index % 3 === 0 ? `<irq irq="${40 + index}" id="${nextId(index)}" />` : '';
    domains.push(
      `  <protection_domain name="${nameOf(index)}" priority="${200 - (index % 5) * 10}"><program_image path="${nameOf(index)}.elf" />${(maps[index] ?? []).join('')}${irq}${guest}</protection_domain>`,
    );
  }
  return `<system>\n${[...regions, ...domains, ...channels].join('\n')}\n</system>\n`;
}

function nameOf(index: number): string {
  return index === 4 ? `domain_${'with_a_very_long_name_'.repeat(3)}`.slice(0, 63) : `domain_${index}`;
}
