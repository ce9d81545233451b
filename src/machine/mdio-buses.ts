/**
 * The management buses of a board's Ethernet controllers, with the PHYs that its tree has: behind the controller itself, or
 * behind a multiplexer. A tree seldom says which PHY it is; a board with an external one is given the RTL8211F.
 */
import { AMLOGIC_INTERNAL_PHY, MdioBus, Phy, type PhyIdentity, RTL8211F } from '../device/index.ts';
import { type Board, type DtNode, stringsProperty, u32Property } from '../devicetree/index.ts';

const MULTIPLEXERS = ['amlogic,g12a-mdio-mux'];
/** The binding's way to name a PHY by its identity (ethernet-phy.yaml). */
const PHY_ID = /^ethernet-phy-id([0-9a-f]{4})\.([0-9a-f]{4})$/;

export class MdioBuses {
  readonly #board: Board;
  /** By the node of the controller. */
  readonly #buses = new Map<DtNode, MdioBus>();

  constructor(board: Board) {
    this.#board = board;
  }

  /** The bus of a controller, or the one that a multiplexer stands on. */
  of(node: DtNode): MdioBus {
    const controller = this.#targetOf(node, 'mdio-parent-bus')?.parent ?? node;
    const known = this.#buses.get(controller);
    if (known !== undefined) return known;
    const bus = new MdioBus();
    this.#buses.set(controller, bus);
    const line = this.#targetOf(controller, 'phy-handle');
    for (const { branch, phy } of this.#physOf(controller)) {
      const address = u32Property(phy, 'reg') ?? 0;
      bus.connect(branch, address, new Phy(identityOf(phy)), phy === line);
    }
    return bus;
  }

  /** Children of the controller's own bus, and of each branch of a multiplexer that has it as its parent. */
  #physOf(controller: DtNode): readonly { readonly branch: number; readonly phy: DtNode }[] {
    const own = [...controller.children.values()].find(({ baseName }) => baseName === 'mdio');
    const multiplexers = this.#board.devices.filter(
      ({ compatible, node }) =>
        compatible.some((name) => MULTIPLEXERS.includes(name)) &&
        this.#targetOf(node, 'mdio-parent-bus')?.parent === controller,
    );
    const branches = multiplexers.flatMap(({ node }) => [...node.children.values()]);
    return [
      ...[...(own?.children.values() ?? [])].map((phy) => ({ branch: 0, phy })),
      ...branches.flatMap((branch) =>
        [...branch.children.values()].map((phy) => ({ branch: u32Property(branch, 'reg') ?? 0, phy })),
      ),
    ];
  }

  #targetOf(node: DtNode, property: string): DtNode | undefined {
    return this.#board.referencesOf(node).find((reference) => reference.property === property)?.target;
  }
}

function identityOf(phy: DtNode): PhyIdentity {
  const named = (stringsProperty(phy, 'compatible') ?? [])
    .map((name) => PHY_ID.exec(name))
    .find((match) => match !== null);
  if (named === undefined) return RTL8211F;
  const id = Number.parseInt(`${named[1]}${named[2]}`, 16);
  return id === AMLOGIC_INTERNAL_PHY.id ? AMLOGIC_INTERNAL_PHY : { ...RTL8211F, id };
}
